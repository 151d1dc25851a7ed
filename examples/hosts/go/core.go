package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"log"
	"os"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// core is one instance of the module, and the blocks it has been asked for.
type core struct {
	ctx     context.Context
	runtime wazero.Runtime
	module  api.Module
	blocks  []int32
}

func load(ctx context.Context, file string) *core {
	wasm, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	runtime := wazero.NewRuntime(ctx)
	module, err := runtime.Instantiate(ctx, wasm)
	if err != nil {
		log.Fatal(err)
	}
	return &core{ctx: ctx, runtime: runtime, module: module}
}

func (c *core) close() { c.runtime.Close(c.ctx) }

// call calls an export with whole numbers and ends the program where it traps or returns a status below 0.
func (c *core) call(name string, arguments ...int32) int32 {
	raw := make([]uint64, len(arguments))
	for i, argument := range arguments {
		raw[i] = api.EncodeI32(argument)
	}
	results, err := c.module.ExportedFunction(name).Call(c.ctx, raw...)
	if err != nil {
		log.Fatal(err)
	}
	status := api.DecodeI32(results[0])
	if status < 0 {
		log.Fatalf("%s returned status %d", name, status)
	}
	return status
}

func (c *core) alloc(bytes int32) int32 {
	pointer := c.call("alloc", bytes)
	c.blocks = append(c.blocks, pointer)
	return pointer
}

func (c *core) free() {
	for _, block := range c.blocks {
		c.call("free", block)
	}
	c.blocks = nil
}

// put writes numbers, slices of them or structs at a pointer, little-endian.
func (c *core) put(pointer int32, value any) {
	c.module.Memory().Write(uint32(pointer), encode(value))
}

// place is put into a new block.
func (c *core) place(value any) int32 {
	data := encode(value)
	pointer := c.alloc(int32(len(data)))
	c.module.Memory().Write(uint32(pointer), data)
	return pointer
}

func encode(value any) []byte {
	var data bytes.Buffer
	if err := binary.Write(&data, binary.LittleEndian, value); err != nil {
		log.Fatal(err)
	}
	return data.Bytes()
}

// get reads count numbers at a pointer.
func get[T any](c *core, pointer, count int32) []T {
	values := make([]T, count)
	data, _ := c.module.Memory().Read(uint32(pointer), uint32(count)*uint32(binary.Size(*new(T))))
	if err := binary.Read(bytes.NewReader(data), binary.LittleEndian, values); err != nil {
		log.Fatal(err)
	}
	return values
}
