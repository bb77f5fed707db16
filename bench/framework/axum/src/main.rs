// SPDX-License-Identifier: MIT

//! The framework benchmark's API in axum and serde, on one thread as an event loop has.
//!
//! usage: framework_peer PORT; with ROUTES=n in the environment, n routes more
use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRequestParts, Multipart, Path, Query, State};
use axum::http::request::Parts;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;

type Refused = (StatusCode, String);

fn refuse(what: impl ToString) -> Refused {
    (StatusCode::UNPROCESSABLE_ENTITY, what.to_string())
}

fn length(text: &str, least: usize, most: usize) -> bool {
    text.len() >= least && (text.len() <= most || text.chars().count() <= most)
        && (text.len() >= 4 * least || text.chars().count() >= least)
}

// Five extractors, each of the one before: axum's dependencies.
#[derive(Deserialize)]
struct Asked {
    q: Option<String>,
    #[serde(default = "hundred")]
    limit: i64,
}

fn hundred() -> i64 {
    100
}

#[derive(Serialize)]
struct Chain {
    q: Option<String>,
    limit: i64,
    depth: i64,
}

struct One(Chain);

impl<S: Send + Sync> FromRequestParts<S> for One {
    type Rejection = Refused;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let Query(asked) = Query::<Asked>::from_request_parts(parts, state).await.map_err(refuse)?;
        let fits = asked.q.as_ref().is_none_or(|q| length(q, 0, 50)) && (1..=1000).contains(&asked.limit);
        if !fits {
            return Err(refuse("query"));
        }
        Ok(One(Chain { q: asked.q, limit: asked.limit, depth: 1 }))
    }
}

macro_rules! link {
    ($name:ident, $before:ident) => {
        struct $name(Chain);
        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = Refused;
            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
                let $before(chain) = $before::from_request_parts(parts, state).await?;
                Ok($name(Chain { depth: chain.depth + 1, ..chain }))
            }
        }
    };
}
link!(Two, One);
link!(Three, Two);
link!(Four, Three);
link!(Five, Four);

async fn read_chain(Five(chain): Five) -> Json<Chain> {
    Json(chain)
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Line {
    sku: String,
    name: String,
    quantity: i64,
    price: f64,
    discount: Option<f64>,
    tags: Vec<String>,
    attributes: HashMap<String, String>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Customer {
    name: String,
    email: String,
    #[serde(default)]
    vip: bool,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Order {
    id: i64,
    placed_at: DateTime<FixedOffset>,
    customer: Customer,
    lines: Vec<Line>,
    note: Option<String>,
}

impl Line {
    fn valid(&self) -> bool {
        length(&self.sku, 1, 32)
            && length(&self.name, 1, 80)
            && (1..=1000).contains(&self.quantity)
            && self.price > 0.0
            && self.discount.is_none_or(|d| (0.0..=1.0).contains(&d))
    }
}

impl Order {
    fn valid(&self) -> bool {
        self.id >= 1
            && length(&self.customer.name, 1, 50)
            && length(&self.customer.email, 3, 100)
            && !self.lines.is_empty()
            && self.lines.iter().all(Line::valid)
            && self.note.as_ref().is_none_or(|n| length(n, 0, 500))
    }
}

#[derive(Serialize)]
struct Placed {
    id: i64,
    lines: usize,
    total: f64,
}

async fn place_order(Json(order): Json<Order>) -> Result<Json<Placed>, Refused> {
    if !order.valid() {
        return Err(refuse("order"));
    }
    let total = order.lines.iter().map(|l| l.price * l.quantity as f64).sum();
    Ok(Json(Placed { id: order.id, lines: order.lines.len(), total }))
}

#[derive(Serialize)]
struct Product {
    id: usize,
    name: String,
    price: f64,
    active: bool,
    score: Option<f64>,
    tags: Vec<String>,
}

fn make_products() -> Vec<Product> {
    let tags = ["new", "sale", "kitchen"];
    (0..10000)
        .map(|i| Product {
            id: i + 1,
            name: format!("Stainless kettle {i}"),
            price: (i % 1000 + 1) as f64 * 0.25,
            active: i % 4 != 0,
            score: (i % 3 == 0).then(|| (i % 100) as f64 * 0.25),
            tags: tags[..i % 4].iter().map(|t| t.to_string()).collect(),
        })
        .collect()
}

struct Shared(Arc<Vec<Product>>);

impl Serialize for Shared {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.as_slice().serialize(to)
    }
}

async fn read_products(State(products): State<Arc<Vec<Product>>>) -> Json<Shared> {
    Json(Shared(products))
}

#[derive(Serialize)]
struct Uploaded {
    filename: String,
    size: usize,
}

async fn upload(mut form: Multipart) -> Result<Json<Uploaded>, Refused> {
    while let Some(mut field) = form.next_field().await.map_err(refuse)? {
        if field.name() != Some("file") {
            continue;
        }
        let filename = field.file_name().unwrap_or("").to_string();
        let mut file = tokio::fs::File::from_std(tempfile::tempfile().map_err(refuse)?);
        let mut size = 0;
        while let Some(piece) = field.chunk().await.map_err(refuse)? {
            file.write_all(&piece).await.map_err(refuse)?;
            size += piece.len();
        }
        file.flush().await.map_err(refuse)?;
        return Ok(Json(Uploaded { filename, size }));
    }
    Err(refuse("no file"))
}

#[derive(Serialize)]
struct Thing {
    id: i64,
    q: Option<String>,
}

#[derive(Deserialize)]
struct ThingQuery {
    q: Option<String>,
}

fn thing(id: i64, q: Option<String>) -> Result<Json<Thing>, Refused> {
    if !q.as_ref().is_none_or(|q| length(q, 0, 50)) {
        return Err(refuse("q"));
    }
    Ok(Json(Thing { id, q }))
}

async fn read_things(Query(asked): Query<ThingQuery>) -> Result<Json<Thing>, Refused> {
    thing(0, asked.q)
}

async fn read_thing(Path(id): Path<i64>, Query(asked): Query<ThingQuery>) -> Result<Json<Thing>, Refused> {
    if id < 1 {
        return Err(refuse("id"));
    }
    thing(id, asked.q)
}

fn router() -> Router {
    let mut app = Router::new()
        .route("/chain", get(read_chain))
        .route("/orders", post(place_order))
        .route("/products", get(read_products))
        .route("/upload", post(upload).layer(DefaultBodyLimit::max(16 << 20)));
    let routes = std::env::var("ROUTES").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    for i in 0..routes {
        let path = format!("/group{}/things{}", i / 20, i);
        app = if i % 2 == 1 { app.route(&(path + "/{id}"), get(read_thing)) } else { app.route(&path, get(read_things)) };
    }
    app.with_state(Arc::new(make_products()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let port = std::env::args().nth(1).and_then(|p| p.parse::<u16>().ok()).expect("usage: framework_peer PORT");
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("bind");
    axum::serve(listener, router().into_make_service()).await.expect("serve");
}
