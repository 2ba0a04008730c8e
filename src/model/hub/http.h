#pragma once
// model/hub/http.h — fetching texts and large files over HTTP.
//
// A transfer that breaks off is taken up again where it stopped, as long as tries bring new bytes.
// What a server says about lengths and ranges is checked, not trusted. Proxies come from the
// environment as libcurl reads it (https_proxy, no_proxy, …); certificates from the system, or
// from CURL_CA_BUNDLE or SSL_CERT_FILE.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/hub/part_file.h"

namespace cairn::hub {

struct HttpOptions {
  std::chrono::milliseconds connect_timeout{15000};
  std::chrono::seconds stall_timeout{60};      // without a byte for so long, a transfer broke off
  int tries = 5;                               // in a row that bring nothing new
  std::chrono::milliseconds first_pause{400};  // before the second try; doubles each time
  int max_redirects = 8;                       // https is never left for http
  std::string certificates = {};               // a PEM file; empty: as above
  std::function<bool()> stop = {};             // asked often; true ends with Fault::cancelled
};

struct HttpRequest {
  std::string url;
  std::vector<std::string> headers = {};  // "Name: value"; not sent to another host
};

struct HttpText {
  std::string body;
  std::string url;           // after redirects
  std::string content_type;  // lower case, without parameters
};

// Errors: Fault::model, with the URL's host, what happened, and the HTTP status if there was one.
HttpText http_get(const HttpRequest& request, const HttpOptions& options,
                  std::size_t limit_bytes = 64 << 20);

// Fetches what `part` lacks. `bytes` is the file's length where it is known: a server that offers
// another is refused. `progress` is called with the bytes now in the file.
// Errors: as above. What was fetched stays in `part`.
void http_fetch(const HttpRequest& request, const HttpOptions& options,
                std::optional<std::int64_t> bytes, PartFile& part,
                const std::function<void(std::int64_t)>& progress = {});

// The absolute form of `reference`, as a link on the page `base`.
std::string resolve_url(const std::string& base, const std::string& reference);
std::string host_of(const std::string& url);

}  // namespace cairn::hub
