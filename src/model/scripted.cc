#include "model/scripted.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cairn/error.h"
#include "cairn/rng.h"
#include "core/generation.h"

namespace cairn {
namespace {

constexpr Token kEnd = 256;
constexpr int kVocabulary = 257;
constexpr int kLayers = 2, kHidden = 8;

class TextBranch : public Branch {
 public:
  // `family`: branches of others find nothing evaluated that this one evaluated.
  TextBranch(std::string text, std::uint64_t family) : text_(std::move(text)), family_(family) {}
  std::size_t size() const override { return text_.size(); }
  std::vector<Token> tokens() const override {
    std::vector<Token> tokens;
    for (const char c : text_) tokens.push_back(static_cast<unsigned char>(c));
    return tokens;
  }
  const std::string& text() const { return text_; }
  std::uint64_t family() const { return family_; }

 private:
  const std::string text_;
  const std::uint64_t family_;
};

const std::string& text_of(const BranchPtr& branch) {
  return static_cast<const TextBranch&>(*branch).text();
}

std::uint64_t family_of(const BranchPtr& branch) {
  return branch ? static_cast<const TextBranch&>(*branch).family() : 0;
}

std::string letter(const void*, Token token) {
  return token == kEnd ? std::string() : std::string(1, static_cast<char>(token));
}

// KL(uniform || p) is infinite where p has zeros; over the tokens that may come it is this.
float certainty(const std::map<Token, double>& p) {
  double sum = 0;
  for (const auto& [token, share] : p) sum += std::log(share);
  return static_cast<float>(-std::log(double(p.size())) - sum / double(p.size()));
}

float entropy(const std::map<Token, double>& p) {
  double sum = 0;
  for (const auto& [token, share] : p) sum -= share * std::log(share);
  return static_cast<float>(sum);
}

Token draw(const std::map<Token, double>& p, const Sampling& sampling, double u) {
  auto likeliest = p.begin();
  for (auto it = p.begin(); it != p.end(); ++it)
    if (it->second > likeliest->second) likeliest = it;
  if (sampling.temperature == 0) return likeliest->first;
  double total = 0;
  for (const auto& [token, share] : p) total += std::pow(share, 1.0 / sampling.temperature);
  double left = u * total;
  for (const auto& [token, share] : p)
    if ((left -= std::pow(share, 1.0 / sampling.temperature)) < 0) return token;
  return p.rbegin()->first;
}

}  // namespace

std::vector<ScriptLine> read_script(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file)
    throw Error(Fault::input, "scripted",
                fmt::format("the script {} cannot be read", path.string()), "Check the path");
  std::vector<ScriptLine> script;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    const bool good = json.is_object() && json.contains("after") && json["after"].is_string() &&
                      json.contains("then") && json["then"].is_array() &&
                      std::all_of(json["then"].begin(), json["then"].end(),
                                  [](const auto& t) { return t.is_string(); });
    if (!good)
      throw Error(Fault::input, "scripted",
                  fmt::format("line {} of {} is no object with \"after\" and a list \"then\"",
                              number, path.string()),
                  R"(Write {"after": "text", "then": ["text"]})");
    script.push_back({json["after"], json["then"].get<std::vector<std::string>>()});
  }
  return script;
}

ScriptedModel::ScriptedModel(std::vector<ScriptLine> script, int context_tokens)
    : script_(std::move(script)) {
  for (const ScriptLine& line : script_)
    for (const std::string& then : line.then) longest_ = std::max(longest_, then.size());
  info_.name = "scripted";
  info_.description = fmt::format("a script of {} lines", script_.size());
  std::uint64_t hash = 0;
  for (const ScriptLine& line : script_) {
    hash = mix(hash, line.after);
    for (const std::string& then : line.then) hash = mix(hash, then);
  }
  info_.fingerprint = fmt::format("{:016x}", hash);
  info_.vocabulary = kVocabulary;
  info_.context_tokens = context_tokens;
  info_.layers = kLayers;
  info_.hidden_size = kHidden;
  info_.rows = 256;
  info_.chat_template = true;
}

ModelCounters ScriptedModel::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

std::vector<Token> ScriptedModel::tokenize(std::string_view text, bool) const {
  std::vector<Token> tokens;
  for (const char c : text) tokens.push_back(static_cast<unsigned char>(c));
  return tokens;
}

std::string ScriptedModel::detokenize(std::span<const Token> tokens) const {
  std::string text;
  for (const Token token : tokens) text += letter(nullptr, token);
  return text;
}

std::vector<Token> ScriptedModel::chat(std::span<const Message> messages) const {
  std::string text;
  for (const Message& message : messages)
    text += fmt::format("<|{}|>{}", message.role, message.content);
  if (messages.empty() || messages.back().role != "assistant") text += "<|assistant|>";
  return tokenize(text, true);
}

BranchPtr ScriptedModel::branch(const BranchPtr& from, std::span<const Token> tokens) {
  return std::make_shared<TextBranch>((from ? text_of(from) : "") + detokenize(tokens),
                                      family_of(from));
}

BranchPtr ScriptedModel::apart() {
  const std::lock_guard lock(mutex_);
  return std::make_shared<TextBranch>("", ++families_);
}

BranchPtr ScriptedModel::rollback(const BranchPtr& from, std::size_t size) {
  return std::make_shared<TextBranch>(text_of(from).substr(0, size), family_of(from));
}

std::map<Token, double> ScriptedModel::next(const std::string& text) const {
  std::map<Token, double> counts;
  for (std::size_t written = 0; written <= std::min(longest_, text.size()) && counts.empty();
       ++written) {
    const std::string_view base = std::string_view(text).substr(0, text.size() - written);
    const std::string_view begun = std::string_view(text).substr(text.size() - written);
    const ScriptLine* found = nullptr;
    for (const ScriptLine& line : script_) {
      const bool goes_on =
          std::any_of(line.then.begin(), line.then.end(),
                      [&](const std::string& then) { return then.starts_with(begun); });
      if (base.ends_with(line.after) && goes_on &&
          (!found || line.after.size() > found->after.size()))
        found = &line;
    }
    if (!found) continue;
    for (const std::string& then : found->then)
      if (then.starts_with(begun))
        counts[then.size() == written ? kEnd : static_cast<unsigned char>(then[written])] += 1;
  }
  if (counts.empty()) counts[kEnd] = 1;
  double total = 0;
  for (const auto& [token, count] : counts) total += count;
  for (auto& [token, count] : counts) count /= total;
  return counts;
}

bool ScriptedModel::pay_for(std::string_view text, std::uint64_t family, Budget& budget,
                            Usage& usage) {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint64_t> fresh;
  std::uint64_t hash = family;
  for (const char c : text) {
    hash = mix(hash, static_cast<unsigned char>(c));
    if (!evaluated_.contains(hash)) fresh.push_back(hash);
  }
  const auto count = static_cast<std::int64_t>(fresh.size());
  if (count > 0 && !budget.reserve({.evaluated_tokens = count})) return false;
  evaluated_.insert(fresh.begin(), fresh.end());
  budget.note_unique(count);
  usage.evaluated_tokens += count;
  usage.unique_tokens += count;
  counters_.evaluated_tokens += count;
  counters_.unique_tokens += count;
  return true;
}

bool ScriptedModel::pay_for_one(Budget& budget, Usage& usage) {
  if (!budget.reserve({.generated_tokens = 1})) return false;
  ++usage.generated_tokens;
  const std::lock_guard lock(mutex_);
  ++counters_.generated_tokens;
  return true;
}

asio::awaitable<Generation> ScriptedModel::generate(GenerateRequest request, Budget& budget) {
  co_await asio::post(asio::use_awaitable);  // others get their turn, as with a real model
  GenerationBuilder builder(request, nullptr, letter);
  std::string text = text_of(request.prefix);
  const std::uint64_t family = family_of(request.prefix);
  Usage usage{.model_calls = 1};
  std::optional<Stop> stop;
  double end_logprob = 0;
  if (!budget.reserve({.model_calls = 1})) stop = budget.stopped().value_or(Stop::budget);
  if (!stop && request.max_tokens <= 0) stop = Stop::max_tokens;
  if (!stop) stop = builder.replay_offered();
  text += detokenize(builder.tokens());
  while (!stop) {
    stop = budget.stopped();
    if (!stop && static_cast<int>(text.size()) >= info_.context_tokens) stop = Stop::context;
    if (!stop && (!pay_for(text, family, budget, usage) || !pay_for_one(budget, usage)))
      stop = budget.stopped().value_or(Stop::budget);
    if (stop) break;
    const auto p = next(text);
    const Token token = draw(p, request.sampling, uniform(request.seed, text.size()));
    const float logprob = static_cast<float>(std::log(p.at(token)));
    if (token == kEnd) {
      end_logprob = logprob;
      stop = Stop::end_of_text;
      break;
    }
    text += letter(nullptr, token);
    stop = builder.push(token, logprob, certainty(p), entropy(p));
  }
  Generation result = builder.finish(*stop);
  result.end_logprob = end_logprob;
  result.branch = std::make_shared<TextBranch>(text_of(request.prefix) + result.text, family);
  result.usage = usage;
  co_return result;
}

asio::awaitable<Reading> ScriptedModel::read(BranchPtr prefix, std::vector<Token> tokens,
                                             Budget& budget) {
  Reading reading;
  Usage usage;
  std::string text = text_of(prefix);
  const std::string whole = text + detokenize(tokens);
  if (tokens.empty() || !budget.reserve({.model_calls = 1}) ||
      !pay_for(std::string_view(whole).substr(0, whole.size() - 1), family_of(prefix), budget,
               usage))
    co_return reading;
  for (const Token token : tokens) {
    const auto p = next(text);
    const auto share = p.find(token);
    reading.logprobs.push_back(share == p.end() ? -INFINITY
                                                : static_cast<float>(std::log(share->second)));
    reading.certainties.push_back(certainty(p));
    reading.entropies.push_back(entropy(p));
    text += letter(nullptr, token);
  }
  co_return reading;
}

asio::awaitable<std::vector<float>> ScriptedModel::label_probabilities(
    BranchPtr prefix, std::vector<std::vector<Token>> labels, Budget& budget) {
  std::vector<float> probabilities;
  Usage usage;
  if (!budget.reserve({.model_calls = 1}) ||
      !pay_for(text_of(prefix), family_of(prefix), budget, usage))
    co_return probabilities;
  const auto p = next(text_of(prefix));
  double total = 0;
  for (const auto& label : labels) {
    double sum = 0;
    for (const Token token : label)
      if (const auto share = p.find(token); share != p.end()) sum += share->second;
    probabilities.push_back(static_cast<float>(sum));
    total += sum;
  }
  for (float& share : probabilities)
    share =
        total > 0 ? static_cast<float>(share / total) : 1.0f / static_cast<float>(labels.size());
  co_return probabilities;
}

// Numbers that depend on the prefix and the layer alone.
asio::awaitable<HiddenStates> ScriptedModel::hidden(BranchPtr branch, std::vector<int> layers,
                                                    std::vector<int> positions, Budget& budget) {
  HiddenStates states;
  Usage usage;
  const std::string& text = text_of(branch);
  if (!budget.reserve({.model_calls = 1}) || !pay_for(text, family_of(branch), budget, usage))
    co_return states;
  states.layers = layers.size();
  states.positions = positions.size();
  states.size = kHidden;
  for (const int layer : layers)
    for (const int position : positions) {
      const std::uint64_t hash = mix(mix(0, std::string_view(text).substr(0, position + 1)), layer);
      for (int i = 0; i < kHidden; ++i)
        states.data.push_back(static_cast<float>(2 * uniform(hash, i) - 1));
    }
  states.usage = usage;
  co_return states;
}

asio::awaitable<std::vector<float>> ScriptedModel::embed(std::string text, Budget& budget) {
  std::vector<float> unit(kHidden, 0.0f);
  Usage usage;
  if (!budget.reserve({.model_calls = 1}) || !pay_for(text, 0, budget, usage))
    co_return std::vector<float>();
  double square = 0;
  for (int i = 0; i < kHidden; ++i) {
    unit[i] = static_cast<float>(2 * uniform(mix(1, text), i) - 1);
    square += double{unit[i]} * unit[i];
  }
  for (float& x : unit) x = static_cast<float>(x / std::sqrt(square));
  co_return unit;
}

}  // namespace cairn
