#include "model/request_json.h"

#include "cairn/error.h"

namespace cairn::request_json {
namespace {

using nlohmann::json;

// Text may be torn UTF-8, which JSON cannot hold: bytes as code points keep it exact.
std::string packed(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xc0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return out;
}

std::string unpacked(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80)
      out += text[i];
    else if (++i < text.size())
      out += static_cast<char>(((byte & 0x03) << 6) | (static_cast<unsigned char>(text[i]) & 0x3f));
  }
  return out;
}

json sampling_json(const Sampling& s) {
  return {{"temperature", s.temperature},
          {"top_k", s.top_k ? json(*s.top_k) : json()},
          {"top_p", s.top_p},
          {"min_p", s.min_p},
          {"repeat_penalty", s.repeat_penalty},
          {"frequency_penalty", s.frequency_penalty},
          {"presence_penalty", s.presence_penalty},
          {"penalty_window", s.penalty_window},
          {"logit_bias", s.logit_bias},
          {"grammar", packed(s.grammar)}};
}

}  // namespace

std::string key(const GenerateRequest& request) {
  std::vector<std::string> stop;
  for (const std::string& text : request.stop) stop.push_back(packed(text));
  return json{{"do", "generate"},
              {"prefix", request.prefix->tokens()},
              {"sampling", sampling_json(request.sampling)},
              {"seed", request.seed},
              {"max_tokens", request.max_tokens},
              {"stop", stop},
              {"segmenter", request.segmenter ? packed(request.segmenter->name()) : ""},
              {"before", packed(request.before)},
              {"offered", request.offered}}
      .dump();
}

std::string place_key(const GenerateRequest& request) {
  std::vector<Token> tokens = request.prefix->tokens();
  tokens.insert(tokens.end(), request.offered.begin(), request.offered.end());
  return json{{"do", "draw"},
              {"behind", tokens},
              {"sampling", sampling_json(request.sampling)},
              {"seed", request.seed}}
      .dump();
}

std::string read_key(const BranchPtr& prefix, const std::vector<Token>& tokens) {
  return json{{"do", "read"}, {"prefix", prefix->tokens()}, {"tokens", tokens}}.dump();
}

std::string labels_key(const BranchPtr& prefix, const std::vector<std::vector<Token>>& labels) {
  return json{{"do", "labels"}, {"prefix", prefix->tokens()}, {"labels", labels}}.dump();
}

std::string hidden_key(const BranchPtr& branch, const std::vector<int>& layers,
                       const std::vector<int>& positions) {
  return json{
      {"do", "hidden"}, {"prefix", branch->tokens()}, {"layers", layers}, {"positions", positions}}
      .dump();
}

std::string embed_key(const std::string& text) {
  return json{{"do", "embed"}, {"text", packed(text)}}.dump();
}

std::string tokenize_key(std::string_view text, bool special) {
  return json{{"do", "tokenize"}, {"text", packed(text)}, {"special", special}}.dump();
}

std::string detokenize_key(std::span<const Token> tokens) {
  return json{{"do", "detokenize"}, {"tokens", std::vector<Token>(tokens.begin(), tokens.end())}}
      .dump();
}

std::string chat_key(std::span<const Message> messages) {
  json turns = json::array();
  for (const Message& message : messages) turns.push_back({message.role, packed(message.content)});
  return json{{"do", "chat"}, {"turns", turns}}.dump();
}

json to_json(const Usage& usage) {
  return {{"generated", usage.generated_tokens}, {"evaluated", usage.evaluated_tokens},
          {"unique", usage.unique_tokens},       {"prompt", usage.prompt_tokens},
          {"judge", usage.judge_tokens},         {"cached", usage.cached_tokens},
          {"calls", usage.model_calls},          {"seconds", usage.seconds}};
}

Usage usage(const json& json) {
  return {.generated_tokens = json.at("generated"),
          .evaluated_tokens = json.at("evaluated"),
          .unique_tokens = json.at("unique"),
          .prompt_tokens = json.at("prompt"),
          .judge_tokens = json.at("judge"),
          .cached_tokens = json.value("cached", std::int64_t{0}),
          .model_calls = json.at("calls"),
          .seconds = json.at("seconds")};
}

json to_json(const Generation& g) {
  return {{"tokens", g.tokens},
          {"logprobs", g.logprobs},
          {"certainties", g.certainties},
          {"entropies", g.entropies},
          {"text", packed(g.text)},
          {"stop", name_of(g.stop)},
          {"end_logprob", g.end_logprob},
          {"offered", g.offered},
          {"offered_logprobs", g.offered_logprobs},
          {"offered_certainties", g.offered_certainties},
          {"offered_entropies", g.offered_entropies},
          {"usage", to_json(g.usage)}};
}

Generation generation(const json& json) {
  Generation g;
  g.tokens = json.at("tokens").get<std::vector<Token>>();
  g.logprobs = json.at("logprobs").get<std::vector<float>>();
  g.certainties = json.at("certainties").get<std::vector<float>>();
  g.entropies = json.value("entropies", std::vector<float>());  // none in old files
  g.text = unpacked(json.at("text").get<std::string>());
  const auto stop = stop_named(json.at("stop").get<std::string>());
  if (!stop)
    throw Error(Fault::input, "recorded", "a result has an unknown reason to stop",
                "Record the run again");
  g.stop = *stop;
  g.end_logprob = json.at("end_logprob");
  g.offered = json.at("offered").get<std::vector<Token>>();
  g.offered_logprobs = json.at("offered_logprobs").get<std::vector<float>>();
  g.offered_certainties = json.at("offered_certainties").get<std::vector<float>>();
  g.offered_entropies = json.value("offered_entropies", std::vector<float>());
  g.usage = usage(json.at("usage"));
  return g;
}

json to_json(const Reading& reading) {
  return {{"logprobs", reading.logprobs},
          {"certainties", reading.certainties},
          {"entropies", reading.entropies}};
}

Reading reading(const json& json) {
  return {.logprobs = json.at("logprobs").get<std::vector<float>>(),
          .certainties = json.at("certainties").get<std::vector<float>>(),
          .entropies = json.at("entropies").get<std::vector<float>>()};
}

json to_json(const HiddenStates& states) {
  return {{"layers", states.layers},
          {"positions", states.positions},
          {"size", states.size},
          {"data", states.data},
          {"usage", to_json(states.usage)}};
}

HiddenStates hidden(const json& json) {
  HiddenStates states;
  states.layers = json.at("layers");
  states.positions = json.at("positions");
  states.size = json.at("size");
  states.data = json.at("data").get<std::vector<float>>();
  states.usage = usage(json.at("usage"));
  return states;
}

json to_json(const ModelInfo& info) {
  return {{"name", info.name},
          {"description", info.description},
          {"fingerprint", info.fingerprint},
          {"vocabulary", info.vocabulary},
          {"context_tokens", info.context_tokens},
          {"layers", info.layers},
          {"hidden_size", info.hidden_size},
          {"rows", info.rows},
          {"chat_template", info.chat_template},
          {"rollback", info.rollback},
          {"reproducible", info.reproducible},
          {"notes", info.notes}};
}

ModelInfo info(const json& json) {
  return {.name = json.at("name"),
          .description = json.at("description"),
          .fingerprint = json.at("fingerprint"),
          .vocabulary = json.at("vocabulary"),
          .context_tokens = json.at("context_tokens"),
          .layers = json.at("layers"),
          .hidden_size = json.at("hidden_size"),
          .rows = json.at("rows"),
          .chat_template = json.at("chat_template"),
          .rollback = json.at("rollback"),
          .reproducible = json.at("reproducible"),
          .notes = json.at("notes")};
}

}  // namespace cairn::request_json
