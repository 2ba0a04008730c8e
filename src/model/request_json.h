#pragma once
// model/request_json.h — requests to a language model and their results as JSON. A request's text
// is its key: equal requests have equal keys, whoever made them.

#include <nlohmann/json.hpp>
#include <string>

#include "cairn/language_model.h"

namespace cairn::request_json {

std::string key(const GenerateRequest& request);
// Of the place where draws begin, and of what else decides them: neither limits nor stops.
std::string place_key(const GenerateRequest& request);
std::string read_key(const BranchPtr& prefix, const std::vector<Token>& tokens);
std::string labels_key(const BranchPtr& prefix, const std::vector<std::vector<Token>>& labels);
std::string hidden_key(const BranchPtr& branch, const std::vector<int>& layers,
                       const std::vector<int>& positions);
std::string embed_key(const std::string& text);
std::string tokenize_key(std::string_view text, bool special);
std::string detokenize_key(std::span<const Token> tokens);
std::string chat_key(std::span<const Message> messages);

nlohmann::json to_json(const Generation& generation);  // without its branch
Generation generation(const nlohmann::json& json);
nlohmann::json to_json(const Reading& reading);
Reading reading(const nlohmann::json& json);
nlohmann::json to_json(const HiddenStates& states);
HiddenStates hidden(const nlohmann::json& json);
nlohmann::json to_json(const ModelInfo& info);
ModelInfo info(const nlohmann::json& json);
nlohmann::json to_json(const Usage& usage);
Usage usage(const nlohmann::json& json);

}  // namespace cairn::request_json
