// SPDX-License-Identifier: MIT

// The framework benchmark's API in Go, net/http with chi, on one processor as an event loop has.
//
// usage: framework_peer PORT; with ROUTES=n in the environment, n routes more
package main

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
	"github.com/goccy/go-json"
)

func length(text string, least, most int) bool {
	n := utf8.RuneCountInString(text)
	return n >= least && n <= most
}

func refuse(w http.ResponseWriter, what string) {
	http.Error(w, what, http.StatusUnprocessableEntity)
}

func answer(w http.ResponseWriter, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body)
}

// Five functions, each of the one before: Go's dependencies.
type Chain struct {
	Q     *string `json:"q"`
	Limit int64   `json:"limit"`
	Depth int64   `json:"depth"`
}

type provider func(r *http.Request) (Chain, error)

func asked(r *http.Request) (*string, bool) {
	query := r.URL.Query()
	if !query.Has("q") {
		return nil, true
	}
	q := query.Get("q")
	return &q, length(q, 0, 50)
}

func one(r *http.Request) (Chain, error) {
	query := r.URL.Query()
	chain := Chain{Limit: 100, Depth: 1}
	if query.Has("q") {
		q := query.Get("q")
		if !length(q, 0, 50) {
			return chain, fmt.Errorf("q")
		}
		chain.Q = &q
	}
	if text := query.Get("limit"); text != "" {
		limit, err := strconv.ParseInt(text, 10, 64)
		if err != nil || limit < 1 || limit > 1000 {
			return chain, fmt.Errorf("limit")
		}
		chain.Limit = limit
	}
	return chain, nil
}

func link(before provider) provider {
	return func(r *http.Request) (Chain, error) {
		chain, err := before(r)
		chain.Depth++
		return chain, err
	}
}

var five = link(link(link(link(one))))

func readChain(w http.ResponseWriter, r *http.Request) {
	chain, err := five(r)
	if err != nil {
		refuse(w, err.Error())
		return
	}
	answer(w, chain)
}

type Line struct {
	SKU        string            `json:"sku"`
	Name       string            `json:"name"`
	Quantity   int64             `json:"quantity"`
	Price      float64           `json:"price"`
	Discount   *float64          `json:"discount"`
	Tags       []string          `json:"tags"`
	Attributes map[string]string `json:"attributes"`
}

type Customer struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	VIP   bool   `json:"vip"`
}

type Order struct {
	ID       int64     `json:"id"`
	PlacedAt time.Time `json:"placed_at"`
	Customer Customer  `json:"customer"`
	Lines    []Line    `json:"lines"`
	Note     *string   `json:"note"`
}

func (l *Line) valid() bool {
	return length(l.SKU, 1, 32) && length(l.Name, 1, 80) && l.Quantity >= 1 && l.Quantity <= 1000 && l.Price > 0 &&
		(l.Discount == nil || *l.Discount >= 0 && *l.Discount <= 1) && l.Tags != nil && l.Attributes != nil
}

func (o *Order) valid() bool {
	for i := range o.Lines {
		if !o.Lines[i].valid() {
			return false
		}
	}
	return o.ID >= 1 && !o.PlacedAt.IsZero() && length(o.Customer.Name, 1, 50) && length(o.Customer.Email, 3, 100) &&
		len(o.Lines) > 0 && (o.Note == nil || length(*o.Note, 0, 500))
}

type Placed struct {
	ID    int64   `json:"id"`
	Lines int     `json:"lines"`
	Total float64 `json:"total"`
}

func placeOrder(w http.ResponseWriter, r *http.Request) {
	var order Order
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&order); err != nil {
		refuse(w, err.Error())
		return
	}
	if !order.valid() {
		refuse(w, "order")
		return
	}
	placed := Placed{ID: order.ID, Lines: len(order.Lines)}
	for i := range order.Lines {
		placed.Total += order.Lines[i].Price * float64(order.Lines[i].Quantity)
	}
	answer(w, placed)
}

type Product struct {
	ID     int64    `json:"id"`
	Name   string   `json:"name"`
	Price  float64  `json:"price"`
	Active bool     `json:"active"`
	Score  *float64 `json:"score"`
	Tags   []string `json:"tags"`
}

func makeProducts() []Product {
	tags := []string{"new", "sale", "kitchen"}
	products := make([]Product, 10000)
	for i := range products {
		products[i] = Product{ID: int64(i) + 1, Name: fmt.Sprintf("Stainless kettle %d", i), Price: float64(i%1000+1) * 0.25,
			Active: i%4 != 0, Tags: tags[:i%4]}
		if i%3 == 0 {
			score := float64(i%100) * 0.25
			products[i].Score = &score
		}
	}
	return products
}

type Uploaded struct {
	Filename string `json:"filename"`
	Size     int64  `json:"size"`
}

func upload(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<20)
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		refuse(w, err.Error())
		return
	}
	defer r.MultipartForm.RemoveAll()
	file, header, err := r.FormFile("file")
	if err != nil {
		refuse(w, err.Error())
		return
	}
	defer file.Close()
	answer(w, Uploaded{header.Filename, header.Size})
}

type Thing struct {
	ID int64   `json:"id"`
	Q  *string `json:"q"`
}

func readThing(w http.ResponseWriter, r *http.Request) {
	var thing Thing
	if text := chi.URLParam(r, "id"); text != "" {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id < 1 {
			refuse(w, "id")
			return
		}
		thing.ID = id
	}
	q, fits := asked(r)
	if !fits {
		refuse(w, "q")
		return
	}
	thing.Q = q
	answer(w, thing)
}

func main() {
	runtime.GOMAXPROCS(1)
	products := makeProducts()
	router := chi.NewRouter()
	router.Get("/chain", readChain)
	router.Post("/orders", placeOrder)
	router.Get("/products", func(w http.ResponseWriter, r *http.Request) { answer(w, products) })
	router.Post("/upload", upload)
	routes, _ := strconv.Atoi(os.Getenv("ROUTES"))
	for i := 0; i < routes; i++ {
		path := fmt.Sprintf("/group%d/things%d", i/20, i)
		if i%2 == 1 {
			path += "/{id}"
		}
		router.Get(path, readThing)
	}
	if err := http.ListenAndServe("127.0.0.1:"+os.Args[1], router); err != nil {
		panic(err)
	}
}
