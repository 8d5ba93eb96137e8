package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"os/user"
	"syscall"
)

func main() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() { <-stop; os.Exit(0) }()
	if _, err := user.Current(); err != nil {
		panic(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "path %s", r.URL.Path) })
	panic(http.ListenAndServe(":8080", nil))
}
