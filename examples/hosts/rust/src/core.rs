//! One instance of the module: calls, memory, and the blocks it has been asked for.

use crate::Result;
use wasmi::{Engine, Instance, Linker, Memory, Module, Store, Val};

pub struct Core {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
    blocks: Vec<i32>,
}

impl Core {
    pub fn load(wasm: &[u8]) -> Result<Self> {
        let engine = Engine::default();
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &Module::new(&engine, wasm)?)?;
        let memory = instance.get_memory(&store, "memory").ok_or("the module exports no memory")?;
        Ok(Self { store, instance, memory, blocks: Vec::new() })
    }

    /// Calls an export with whole numbers; a status below 0 is an error.
    pub fn call(&mut self, name: &str, arguments: &[i32]) -> Result<i32> {
        let function = self.instance.get_func(&self.store, name).ok_or_else(|| format!("the module has no {name}"))?;
        let arguments: Vec<Val> = arguments.iter().map(|&argument| Val::I32(argument)).collect();
        let mut results = [Val::I32(0)];
        function.call(&mut self.store, &arguments, &mut results)?;
        match results[0].i32().unwrap() {
            status if status < 0 => Err(format!("{name} returned status {status}").into()),
            status => Ok(status),
        }
    }

    pub fn alloc(&mut self, bytes: i32) -> Result<i32> {
        let pointer = self.call("alloc", &[bytes])?;
        self.blocks.push(pointer);
        Ok(pointer)
    }

    pub fn free_all(&mut self) -> Result<()> {
        for block in std::mem::take(&mut self.blocks) {
            self.call("free", &[block])?;
        }
        Ok(())
    }

    pub fn put<const N: usize>(&mut self, pointer: i32, values: impl IntoIterator<Item = [u8; N]>) -> Result<()> {
        let bytes: Vec<u8> = values.into_iter().flatten().collect();
        Ok(self.memory.write(&mut self.store, pointer as usize, &bytes)?)
    }

    /// `put` into a new block.
    pub fn place<const N: usize>(&mut self, values: &[[u8; N]]) -> Result<i32> {
        let pointer = self.alloc((values.len() * N) as i32)?;
        self.put(pointer, values.iter().copied())?;
        Ok(pointer)
    }

    /// `count` items of N bytes, each made a number by `read`, as in `get(at, 3, i32::from_le_bytes)`.
    pub fn get<const N: usize, T>(&self, pointer: i32, count: usize, read: fn([u8; N]) -> T) -> Vec<T> {
        let bytes = &self.memory.data(&self.store)[pointer as usize..][..count * N];
        bytes.chunks_exact(N).map(|item| read(item.try_into().unwrap())).collect()
    }
}
