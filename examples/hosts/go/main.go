// Plays the golden rounds on wazero, by the module's own exports alone.
//
//	go run . ../../../dist/core.wasm ../golden.json
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"reflect"
)

type golden struct {
	ABI      int32
	Sessions []session
}

type session struct {
	Name, Rule                                          string
	Vocab, Slots, Position, Nodes, Depth, Choice, First int32
	State                                               uint32
	Seed                                                [2]uint32
	Sampling, DraftSampling                             sampling
	Acceptance                                          [][]float64
	Rounds                                              []round
}

// sampling is the ABI's struct: its fields in this order, 32 bytes.
type sampling struct {
	Temperature, TopP, MinP float64
	TopK, Unused            int32
}

// round holds one round's results as whole numbers and text, so that equal means the same bits.
type round struct {
	Expected        string
	Parents, Tokens []int32
	Q               []uint32
	Mask            []string
	Path            []int32
	Token           int32
}

func main() {
	log.SetFlags(0)
	text, err := os.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	var want golden
	if err := json.Unmarshal(text, &want); err != nil {
		log.Fatal(err)
	}
	core := load(context.Background(), os.Args[1])
	defer core.close()
	same(os.Args[1], "its ABI", core.call("abi_version"), want.ABI)
	rounds := 0
	for _, s := range want.Sessions {
		g := begin(core, s)
		same(s.Name, "first", g.root, s.First)
		for i, expected := range s.Rounds {
			actual, wanted := reflect.ValueOf(g.play()), reflect.ValueOf(expected)
			for field := range actual.NumField() {
				same(fmt.Sprintf("%s, round %d", s.Name, i), actual.Type().Field(field).Name, actual.Field(field).Interface(), wanted.Field(field).Interface())
			}
			rounds++
		}
		g.end()
	}
	fmt.Printf("%d rounds, all equal\n", rounds)
}

// same ends the program at the first difference.
func same(where, what string, actual, expected any) {
	if !reflect.DeepEqual(actual, expected) {
		log.Fatalf("%s: %s is %v, expected %v", where, what, actual, expected)
	}
}
