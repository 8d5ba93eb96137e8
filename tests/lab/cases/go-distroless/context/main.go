package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	name := flag.String("name", "world", "whom to greet")
	flag.Parse()
	fmt.Printf("hello %s from uid %d\n", *name, os.Getuid())
}
