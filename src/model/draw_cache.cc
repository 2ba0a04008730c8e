#include "model/draw_cache.h"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cairn/error.h"

namespace cairn {
namespace {

using nlohmann::json;

// The shortest decimals that read back as the same float.
json decimals(const std::vector<float>& numbers) {
  json list = json::array();
  for (const float number : numbers)
    list.push_back(std::strtod(fmt::format("{}", number).c_str(), nullptr));
  return list;
}

json to_json(const Draws& draws) {
  return {{"tokens", draws.tokens},
          {"logprobs", decimals(draws.logprobs)},
          {"certainties", decimals(draws.certainties)},
          {"entropies", decimals(draws.entropies)},
          {"ended", draws.ended},
          {"end_logprob", draws.end_logprob}};
}

Draws read_draws(const json& line) {
  Draws draws{line.at("tokens").get<std::vector<Token>>(),
              line.at("logprobs").get<std::vector<float>>(),
              line.at("certainties").get<std::vector<float>>(),
              line.at("entropies").get<std::vector<float>>(),
              line.at("ended").get<bool>(),
              line.at("end_logprob").get<double>()};
  const std::size_t n = draws.tokens.size();
  for (const auto* values : {&draws.logprobs, &draws.certainties, &draws.entropies})
    if (values->size() != n) throw std::out_of_range("draws");
  return draws;
}

bool beyond(const Draws& draws, const Draws& kept) {
  return draws.tokens.size() > kept.tokens.size() || (draws.ended && !kept.ended);
}

}  // namespace

DrawCache::DrawCache(std::optional<std::filesystem::path> file) {
  if (!file) return;
  path_ = *file;
  std::ifstream before(path_);
  for (std::string text; std::getline(before, text);) try {
      const json line = json::parse(text);
      const std::string key = line.at("key");
      if (line.contains("numbers"))
        numbers_[key] = line["numbers"].get<std::vector<float>>();
      else
        draws_[key] = read_draws(line);
    } catch (const std::exception&) {
      // Torn or foreign: it is drawn again.
    }
  file_.open(path_, std::ios::app);
  append("");  // after a torn line
}

std::optional<Draws> DrawCache::draws(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = draws_.find(key);
  return found == draws_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::vector<float>> DrawCache::numbers(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = numbers_.find(key);
  return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

void DrawCache::keep(const std::string& key, const Draws& draws) {
  const std::lock_guard lock(mutex_);
  Draws& kept = draws_[key];
  if (!beyond(draws, kept)) return;
  kept = draws;
  json line = to_json(draws);
  line["key"] = key;
  append(line.dump());
}

void DrawCache::keep(const std::string& key, const std::vector<float>& numbers) {
  const std::lock_guard lock(mutex_);
  if (!numbers_.emplace(key, numbers).second) return;
  append(json{{"key", key}, {"numbers", decimals(numbers)}}.dump());
}

void DrawCache::append(const std::string& line) {
  if (path_.empty()) return;
  file_ << line << '\n' << std::flush;
  if (!file_)
    throw Error(Fault::store, "cache", fmt::format("{} cannot be written", path_.string()),
                "Check the path, the rights of its folder and the room on the disk");
}

}  // namespace cairn
