use std::io::{Read, Write};
use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    for stream in TcpListener::bind("0.0.0.0:8000")?.incoming() {
        let mut stream = stream?;
        let mut bytes = [0; 4096];
        let length = stream.read(&mut bytes)?;
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut request = httparse::Request::new(&mut headers);
        if request.parse(&bytes[..length]).is_err() {
            continue;
        }
        let body = format!("path {}\n", request.path.unwrap_or("?"));
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
    }
    Ok(())
}
