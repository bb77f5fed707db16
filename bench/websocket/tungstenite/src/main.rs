// SPDX-License-Identifier: MIT
//! The WebSocket benchmark's Rust peer: tokio-tungstenite on one thread.
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::Message;

async fn serve(stream: TcpStream, all: broadcast::Sender<Message>) {
    let _ = stream.set_nodelay(true);
    let mut to_all = false;
    let look = |request: &Request, response: Response| {
        to_all = request.uri().path() == "/broadcast";
        Ok(response)
    };
    let Ok(mut ws) = tokio_tungstenite::accept_hdr_async(stream, look).await else { return };
    if !to_all {
        while let Some(Ok(message)) = ws.next().await {
            if !(message.is_text() || message.is_binary()) || ws.send(message).await.is_err() {
                return;
            }
        }
        return;
    }
    let mut heard = all.subscribe();
    loop {
        tokio::select! {
            message = ws.next() => match message {
                Some(Ok(m)) if m.is_text() || m.is_binary() => { let _ = all.send(m); }
                _ => return,
            },
            Ok(m) = heard.recv() => if ws.send(m).await.is_err() { return },
        }
    }
}

fn main() {
    let port = std::env::args().nth(1).expect("a port");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async move {
        let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await.unwrap();
        let (all, _) = broadcast::channel(1024);
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::task::spawn_local(serve(stream, all.clone()));
        }
    });
}
