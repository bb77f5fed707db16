module brio/bench/framework

go 1.23

require (
	github.com/go-chi/chi/v5 v5.2.5
	github.com/goccy/go-json v0.10.5
)
