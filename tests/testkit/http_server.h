#pragma once
// testkit/http_server.h — an HTTP server on 127.0.0.1 that answers as a test tells it to, also
// wrongly: lengths that are not true, transfers that break off, ranges that were not asked for.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace cairn::testkit {

struct HttpCall {
  std::string path;                            // "/file?x=1"
  std::map<std::string, std::string> headers;  // names in lower case
  std::optional<std::uint64_t> range_start;    // of "Range: bytes=N-"
};

struct HttpReply {
  int status = 200;
  std::vector<std::string> headers = {};
  std::string body = {};
  std::optional<std::uint64_t> declared_length = {};  // empty: the body's
  std::optional<std::size_t> break_after = {};        // bytes of the body, then the line goes dead
  bool state_length = true;                           // false: no Content-Length at all
};

// A correct answer for a file: the whole, or from where the range starts.
HttpReply file_reply(const HttpCall& call, const std::string& content);
HttpReply redirect(const std::string& url);

class HttpServer {
 public:
  using Handler = std::function<HttpReply(const HttpCall&)>;  // called on the server's thread

  explicit HttpServer(Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;

  std::string url(const std::string& path = "") const;  // "http://127.0.0.1:PORT/path"
  std::vector<HttpCall> calls() const;                  // so far

 private:
  void serve();
  void answer(int connection);

  Handler handler_;
  int socket_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<HttpCall> calls_;
  std::thread thread_;
};

}  // namespace cairn::testkit
