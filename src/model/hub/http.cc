#include "model/hub/http.h"

#include <curl/curl.h>
#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <memory>
#include <thread>

#include "cairn/error.h"

namespace cairn::hub {
namespace {

using Bytes = std::optional<std::int64_t>;

// What one response says about itself, from its header lines.
struct Head {
  int status = 0;
  std::string reason;
  Bytes length;
  Bytes range_start, range_total;
  std::string content_type;
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

Bytes number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return {};
  return value;
}

// "bytes 100-199/200", "bytes */200"
void read_range(std::string_view value, Head& head) {
  if (!value.starts_with("bytes ")) return;
  value.remove_prefix(6);
  const std::size_t dash = value.find('-'), slash = value.find('/');
  if (slash == std::string_view::npos) return;
  if (dash < slash) head.range_start = number(trim(value.substr(0, dash)));
  head.range_total = number(trim(value.substr(slash + 1)));
}

void read_header(std::string_view line, Head& head) {
  line = trim(line);
  if (line.starts_with("HTTP/")) {  // a new response: a redirect's target, or after "100 Continue"
    head = {};
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return;
    const std::string_view rest = line.substr(space + 1);
    head.status = static_cast<int>(number(rest.substr(0, 3)).value_or(0));
    if (rest.size() > 4) head.reason = trim(rest.substr(3));
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string name = lower(std::string(line.substr(0, colon)));
  const std::string_view value = trim(line.substr(colon + 1));
  if (name == "content-length") head.length = number(value);
  if (name == "content-range") read_range(value, head);
  if (name == "content-type")
    head.content_type = lower(std::string(trim(value.substr(0, value.find(';')))));
}

// May another try help?
enum class Again { no, once_it_worked, yes };

// How a try ended, when it did not bring the whole.
struct Trouble {
  std::string what;
  std::string remedy = "Try again later";
  Again again = Again::no;
};

// One try. The sink is told where the body begins and given its bytes; what it throws ends the
// transfer and comes out of run().
class Transfer {
 public:
  struct Sink {
    std::function<void(const Head&)> begin;
    std::function<void(std::string_view)> bytes;
  };

  Transfer(const HttpRequest& request, const HttpOptions& options, Sink sink)
      : options_(options), sink_(std::move(sink)), handle_(curl_easy_init(), curl_easy_cleanup) {
    set_address(request);
    set_limits();
    set_callbacks();
  }

  void resume_from(std::int64_t offset) { set(CURLOPT_RANGE, fmt::format("{}-", offset).c_str()); }

  // Nothing: the server's answer came to its end.
  std::optional<Trouble> run() {
    const CURLcode code = curl_easy_perform(handle_.get());
    if (thrown_) std::rethrow_exception(thrown_);
    if (stopped_)
      throw Error(Fault::cancelled, "models", "the transfer was interrupted",
                  "Run it again to go on from there");
    return code == CURLE_OK ? std::nullopt : std::optional(trouble(code));
  }

  const Head& head() const { return head_; }

  std::string final_url() const {
    char* url = nullptr;
    curl_easy_getinfo(handle_.get(), CURLINFO_EFFECTIVE_URL, &url);
    return url == nullptr ? "" : url;
  }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(handle_.get(), option, value);
  }

  void set_address(const HttpRequest& request) {
    set(CURLOPT_URL, request.url.c_str());
    for (const std::string& header : request.headers)
      headers_.reset(curl_slist_append(headers_.release(), header.c_str()));
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_USERAGENT, "cairn");
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR,
        lower(request.url.substr(0, 6)) == "https:" ? "https" : "http,https");
  }

  void set_limits() {
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, static_cast<long>(options_.max_redirects));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_timeout.count()));
    set(CURLOPT_NOSIGNAL, 1L);
    const std::string certificates = certificate_file();
    if (!certificates.empty()) set(CURLOPT_CAINFO, certificates.c_str());
  }

  std::string certificate_file() const {
    if (!options_.certificates.empty()) return options_.certificates;
    for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
      const char* value = std::getenv(name);
      if (value != nullptr && *value != '\0') return value;
    }
    return "";
  }

  void set_callbacks() {
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_HEADERDATA, this);
    set(
        CURLOPT_HEADERFUNCTION, +[](char* data, std::size_t, std::size_t size, void* self) {
          read_header({data, size}, static_cast<Transfer*>(self)->head_);
          return size;
        });
    set(CURLOPT_WRITEDATA, this);
    set(
        CURLOPT_WRITEFUNCTION, +[](char* data, std::size_t, std::size_t size, void* self) {
          return static_cast<Transfer*>(self)->receive({data, size}) ? size : 0;
        });
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFODATA, this);
    set(
        CURLOPT_XFERINFOFUNCTION, +[](void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
          return static_cast<Transfer*>(self)->asked_to_stop() ? 1 : 0;
        });
  }

  bool receive(std::string_view bytes) {
    try {
      if (!begun_) sink_.begin(head_);
      begun_ = true;
      sink_.bytes(bytes);
      return true;
    } catch (...) {
      thrown_ = std::current_exception();
      return false;
    }
  }

  bool asked_to_stop() {
    stopped_ = stopped_ || (options_.stop && options_.stop());
    return stopped_;
  }

  Trouble trouble(CURLcode code) const {
    const std::string why = *error_ != '\0' ? error_ : curl_easy_strerror(code);
    switch (code) {
      case CURLE_PARTIAL_FILE:
      case CURLE_RECV_ERROR:
      case CURLE_SEND_ERROR:
      case CURLE_GOT_NOTHING:
      case CURLE_HTTP2:
      case CURLE_HTTP2_STREAM:
      case CURLE_OPERATION_TIMEDOUT:
        return {fmt::format("the transfer broke off ({})", why), "Try again later", Again::yes};
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_RESOLVE_PROXY:
      case CURLE_COULDNT_CONNECT:
        return {fmt::format("no connection ({})", why),
                "Check the network, and https_proxy if there is a proxy", Again::once_it_worked};
      case CURLE_TOO_MANY_REDIRECTS:
        return {fmt::format("more than {} redirects", options_.max_redirects)};
      case CURLE_UNSUPPORTED_PROTOCOL:
        return {fmt::format("a redirect leaves http and https, or https for http ({})", why)};
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
        return {why, "Set SSL_CERT_FILE to the certificates of your network"};
      default:
        return {why};
    }
  }

  const HttpOptions& options_;
  Sink sink_;
  std::unique_ptr<CURL, void (*)(CURL*)> handle_;
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers_{nullptr, curl_slist_free_all};
  char error_[CURL_ERROR_SIZE] = "";
  Head head_;
  bool begun_ = false;
  bool stopped_ = false;
  std::exception_ptr thrown_;
};

void prepare_curl() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)once;
}

void pause(std::chrono::milliseconds length, const HttpOptions& options) {
  const auto end = std::chrono::steady_clock::now() + length;
  while (std::chrono::steady_clock::now() < end) {
    if (options.stop && options.stop())
      throw Error(Fault::cancelled, "models", "the transfer was interrupted",
                  "Run it again to go on from there");
    std::this_thread::sleep_for(std::min(length, std::chrono::milliseconds(50)));
  }
}

std::optional<Trouble> trouble_of_status(const Head& head) {
  if (head.status == 200 || head.status == 206) return {};
  const std::string what =
      fmt::format("HTTP {}{}{}", head.status, head.reason.empty() ? "" : " ", head.reason);
  if (head.status == 401 || head.status == 403)
    return Trouble{what, "The file may need an account: set HF_TOKEN, or check the proxy"};
  const bool again = head.status == 408 || head.status == 429 || head.status >= 500;
  if (again) return Trouble{what, "Try again later", Again::yes};
  return Trouble{what, "Check the name"};
}

[[noreturn]] void give_up(const HttpRequest& request, const Trouble& trouble) {
  throw Error(Fault::model, host_of(request.url), trouble.what, trouble.remedy);
}

constexpr int kMostTries = 100;

// Runs `attempt` until it succeeds. A try that brought something new (`size` grew beyond all
// before) starts the count afresh.
void with_tries(const HttpRequest& request, const HttpOptions& options,
                const std::function<std::int64_t()>& size,
                const std::function<std::optional<Trouble>()>& attempt) {
  std::int64_t most = size();
  int idle = 0;
  for (int total = 1;; ++total) {
    const std::optional<Trouble> trouble = attempt();
    if (!trouble) return;
    idle = size() > most ? 0 : idle + 1;
    most = std::max(most, size());
    const bool again = trouble->again == Again::yes ||
                       (trouble->again == Again::once_it_worked && total > 1 && most > 0);
    if (!again || idle >= options.tries || total >= kMostTries) give_up(request, *trouble);
    pause(options.first_pause * (1 << std::min(idle, 6)), options);
  }
}

// Puts a response into a PartFile, after checking that it is the missing piece.
class PartSink {
 public:
  PartSink(Bytes expected, PartFile& part, const std::function<void(std::int64_t)>& progress)
      : expected_(expected), part_(part), progress_(progress) {}

  void begin(const Head& head) {
    taking_ = head.status == 200 || head.status == 206;
    if (!taking_) return;
    if (head.status == 206)
      check_range(head);
    else if (part_.size() > 0)
      part_.restart();  // the server does not resume: it sends everything
    if (head.length) expect(part_.size() + *head.length);
  }

  void bytes(std::string_view bytes) {
    if (!taking_) return;
    if (expected_ && part_.size() + static_cast<std::int64_t>(bytes.size()) > *expected_)
      refuse(fmt::format("the server sends more than the file's {} bytes", *expected_));
    part_.append(bytes);
    if (progress_) progress_(part_.size());
  }

  std::optional<Trouble> missing() const {
    if (!expected_ || part_.size() >= *expected_) return {};
    return Trouble{fmt::format("the transfer ended after {} of {} bytes", part_.size(), *expected_),
                   "Try again later", Again::yes};
  }

  // Thrown when a server's answer does not fit what was asked.
  struct Misfit {
    std::string what;
    bool range;  // the range is wrong: asking for the whole file may help
  };

 private:
  [[noreturn]] static void refuse(std::string what, bool range = false) {
    throw Misfit{std::move(what), range};
  }

  void check_range(const Head& head) {
    if (head.range_start != part_.size())
      refuse(fmt::format("the server was asked for bytes from {} and sent {}", part_.size(),
                         head.range_start ? fmt::format("bytes from {}", *head.range_start)
                                          : "no usable Content-Range"),
             /*range=*/true);
    if (head.range_total) expect(*head.range_total);
  }

  void expect(std::int64_t total) {
    if (expected_ && *expected_ != total)
      refuse(fmt::format("the server offers {} bytes but the file has {}", total, *expected_));
    expected_ = total;
  }

  Bytes expected_;
  PartFile& part_;
  const std::function<void(std::int64_t)>& progress_;
  bool taking_ = false;
};

constexpr const char* kNotTheFile = "The file at this address is not the right one";

// `ranges` turns false when the server turns out not to be able to resume.
std::optional<Trouble> fetch_once(const HttpRequest& request, const HttpOptions& options,
                                  PartSink& sink, PartFile& part, bool& ranges) {
  Transfer transfer(request, options,
                    {[&](const Head& head) { sink.begin(head); },
                     [&](std::string_view bytes) { sink.bytes(bytes); }});
  const bool resumed = ranges && part.size() > 0;
  if (resumed) transfer.resume_from(part.size());
  try {
    if (std::optional<Trouble> trouble = transfer.run()) return trouble;
  } catch (const PartSink::Misfit& misfit) {
    if (!misfit.range) return Trouble{misfit.what, kNotTheFile};
    ranges = false;
    return Trouble{misfit.what, kNotTheFile, Again::yes};
  }
  if (transfer.head().status == 416 && resumed) {
    ranges = false;
    return Trouble{"the server cannot send the rest of the file", kNotTheFile, Again::yes};
  }
  if (std::optional<Trouble> trouble = trouble_of_status(transfer.head())) return trouble;
  return sink.missing();
}

struct UrlParts {
  UrlParts() : handle(curl_url(), curl_url_cleanup) {}
  std::string get(CURLUPart part) const {
    char* text = nullptr;
    if (curl_url_get(handle.get(), part, &text, 0) != CURLUE_OK) return "";
    const std::unique_ptr<char, void (*)(void*)> owner(text, curl_free);
    return text;
  }
  std::unique_ptr<CURLU, void (*)(CURLU*)> handle;
};

}  // namespace

HttpText http_get(const HttpRequest& request, const HttpOptions& options, std::size_t limit_bytes) {
  prepare_curl();
  HttpText text;
  const auto attempt = [&]() -> std::optional<Trouble> {
    text.body.clear();
    Transfer transfer(
        request, options,
        {[](const Head&) {},
         [&](std::string_view bytes) {
           if (text.body.size() + bytes.size() > limit_bytes)
             give_up(request, {fmt::format("the answer is longer than {} bytes", limit_bytes)});
           text.body += bytes;
         }});
    if (std::optional<Trouble> trouble = transfer.run()) return trouble;
    text.url = transfer.final_url();
    text.content_type = transfer.head().content_type;
    return trouble_of_status(transfer.head());
  };
  with_tries(
      request, options, [] { return std::int64_t{0}; }, attempt);
  return text;
}

void http_fetch(const HttpRequest& request, const HttpOptions& options, Bytes bytes, PartFile& part,
                const std::function<void(std::int64_t)>& progress) {
  prepare_curl();
  if (bytes && part.size() > *bytes) part.restart();
  if (bytes && part.size() == *bytes) return;
  bool ranges = true;
  const auto attempt = [&] {
    PartSink sink(bytes, part, progress);
    return fetch_once(request, options, sink, part, ranges);
  };
  with_tries(
      request, options, [&] { return part.size(); }, attempt);
}

std::string resolve_url(const std::string& base, const std::string& reference) {
  UrlParts url;
  curl_url_set(url.handle.get(), CURLUPART_URL, base.c_str(), 0);
  if (curl_url_set(url.handle.get(), CURLUPART_URL, reference.c_str(), 0) != CURLUE_OK)
    return reference;
  return url.get(CURLUPART_URL);
}

std::string host_of(const std::string& url) {
  UrlParts parts;
  if (curl_url_set(parts.handle.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return url;
  return parts.get(CURLUPART_HOST);
}

}  // namespace cairn::hub
