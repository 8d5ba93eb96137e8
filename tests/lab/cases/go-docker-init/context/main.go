package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "go as a user: %v\n", os.Getuid() != 0)
	})
	http.ListenAndServe(":8080", nil)
}
