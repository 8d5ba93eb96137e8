package main

import (
	"html/template"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	page := template.Must(template.ParseFiles("templates/page.tmpl"))
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { page.Execute(w, "lab") })
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go http.ListenAndServe(os.Getenv("ADDR"), nil)
	<-stop
}
