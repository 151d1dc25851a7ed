//! Plays the golden rounds on wasmi, by the module's own exports alone.
//!
//! `cargo run -- ../../../dist/core.wasm ../golden.json`

mod core;
mod rounds;

use serde_json::Value;
use std::{env, error::Error, fs, process::ExitCode};

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match play_all(env::args().skip(1).collect()) {
        Ok(rounds) => {
            println!("{rounds} rounds, all equal");
            ExitCode::SUCCESS
        }
        Err(difference) => {
            eprintln!("{difference}");
            ExitCode::FAILURE
        }
    }
}

/// Compares every session's rounds with the golden ones; the error is the first difference.
fn play_all(files: Vec<String>) -> Result<usize> {
    let [wasm, golden] = files.as_slice() else { return Err("usage: <core.wasm> <golden.json>".into()) };
    let golden: Value = serde_json::from_slice(&fs::read(golden)?)?;
    let mut core = core::Core::load(&fs::read(wasm)?)?;
    same(wasm, "its ABI", &core.call("abi_version", &[])?.into(), &golden["abi"])?;
    let mut rounds = 0;
    for session in golden["sessions"].as_array().unwrap() {
        let name = session["name"].as_str().unwrap();
        let mut generation = rounds::Generation::begin(&mut core, session)?;
        same(name, "first", &generation.root.into(), &session["first"])?;
        for (index, expected) in session["rounds"].as_array().unwrap().iter().enumerate() {
            let actual = generation.play(&mut core)?;
            for (field, value) in expected.as_object().unwrap() {
                same(&format!("{name}, round {index}"), field, &actual[field], value)?;
            }
            rounds += 1;
        }
        core.free_all()?;
    }
    Ok(rounds)
}

fn same(place: &str, what: &str, actual: &Value, expected: &Value) -> Result<()> {
    if actual == expected { Ok(()) } else { Err(format!("{place}: {what} is {actual}, expected {expected}").into()) }
}
