require "socket"

trap("TERM") { exit 0 }
server = TCPServer.new("0.0.0.0", 4567)
loop do
  client = server.accept
  client.gets
  body = "ruby #{RUBY_VERSION[0]}"
  client.write "HTTP/1.0 200 OK\r\nContent-Length: #{body.size}\r\n\r\n#{body}"
  client.close
end
