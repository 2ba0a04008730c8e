#include "testkit/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace cairn::testkit {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

HttpCall parse(const std::string& request) {
  HttpCall call;
  std::istringstream lines(request);
  std::string line;
  std::getline(lines, line);
  call.path = line.substr(line.find(' ') + 1);
  call.path = call.path.substr(0, call.path.find(' '));
  while (std::getline(lines, line) && line.size() > 1) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) continue;
    call.headers[lower(line.substr(0, colon))] =
        line.substr(colon + 2, line.find('\r') - colon - 2);
  }
  const auto range = call.headers.find("range");
  if (range != call.headers.end() && range->second.starts_with("bytes="))
    call.range_start = std::stoull(range->second.substr(6));
  return call;
}

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the client has left
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string head_of(const HttpReply& reply) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Some Reason\r\n";
  for (const std::string& header : reply.headers) head += header + "\r\n";
  if (reply.state_length)
    head += "Content-Length: " + std::to_string(reply.declared_length.value_or(reply.body.size())) +
            "\r\n";
  return head + "Connection: close\r\n\r\n";
}

}  // namespace

HttpReply file_reply(const HttpCall& call, const std::string& content) {
  if (!call.range_start) return {.body = content};
  const std::string size = std::to_string(content.size());
  if (*call.range_start >= content.size())
    return {.status = 416, .headers = {"Content-Range: bytes */" + size}};
  const std::string range = "Content-Range: bytes " + std::to_string(*call.range_start) + "-" +
                            std::to_string(content.size() - 1) + "/" + size;
  return {.status = 206, .headers = {range}, .body = content.substr(*call.range_start)};
}

HttpReply redirect(const std::string& url) {
  return {.status = 302, .headers = {"Location: " + url}, .body = "go there"};
}

HttpServer::HttpServer(Handler handler) : handler_(std::move(handler)) {
  ::setenv("no_proxy", "127.0.0.1,localhost", 1);
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(socket_, 16) != 0 ||
      ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no local port for the test server");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

HttpServer::~HttpServer() {
  ::shutdown(socket_, SHUT_RDWR);  // wakes accept
  thread_.join();
  ::close(socket_);
}

std::string HttpServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<HttpCall> HttpServer::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void HttpServer::serve() {
  while (true) {
    const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    answer(connection);
    ::close(connection);
  }
}

void HttpServer::answer(int connection) {
  std::string request;
  char buffer[4096];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
    if (got <= 0) return;
    request.append(buffer, static_cast<std::size_t>(got));
  }
  const HttpCall call = parse(request);
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back(call);
  }
  const HttpReply reply = handler_(call);
  send_all(connection, head_of(reply));
  send_all(connection,
           std::string_view(reply.body).substr(0, reply.break_after.value_or(reply.body.size())));
  ::shutdown(connection, SHUT_WR);
}

}  // namespace cairn::testkit

// What a test sets and its server reads is ordered by the request on the socket between them, which
// the thread sanitizer does not see.
#if defined(__SANITIZE_THREAD__)
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:cairn::testkit::HttpServer::answer\n";
}
#endif
