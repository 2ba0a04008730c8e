#include "cairn/prompt.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/embedded.h"
#include "base/file.h"
#include "base/nearest.h"
#include "cairn/error.h"

namespace cairn {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

// The role of a line that starts a turn; empty for any other line.
std::string_view role_of(std::string_view line) {
  line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
  for (const std::string_view role : {"system", "user", "assistant"})
    if (line.starts_with("## ") && line.substr(3) == role) return role;
  return {};
}

}  // namespace

std::string filled(std::string_view text, const Parts& parts) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto open = text.find('{', at);
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) return out.append(text.substr(at));
    const auto part = parts.find(text.substr(open + 1, close - open - 1));
    out.append(text.substr(at, open - at));
    out.append(part == parts.end() ? text.substr(open, 1) : std::string_view(part->second));
    at = part == parts.end() ? open + 1 : close + 1;
  }
  return out;
}

std::string question_text(const Problem& problem) {
  std::string text = problem.question;
  for (const Choice& choice : problem.choices)
    text += fmt::format("\n{}) {}", choice.label, choice.text);
  return text;
}

std::vector<Message> Prompt::render(const Problem& problem, Parts parts) const {
  parts["question"] = question_text(problem);
  std::vector<Message> messages = turns;
  for (Message& message : messages) message.content = filled(message.content, parts);
  return messages;
}

Prompt parse_prompt(std::string_view where, std::string_view markdown, std::string_view place) {
  Prompt prompt;
  std::string content;
  const auto close_turn = [&] {
    if (!prompt.turns.empty()) prompt.turns.back().content = trimmed(content);
    content.clear();
  };
  while (!markdown.empty()) {
    const auto end = markdown.find('\n');
    const std::string_view line = markdown.substr(0, end);
    markdown.remove_prefix(end == std::string_view::npos ? markdown.size() : end + 1);
    if (const auto role = role_of(line); !role.empty()) {
      close_turn();
      prompt.turns.push_back({std::string(role), ""});
    } else {
      content.append(line).push_back('\n');
    }
  }
  close_turn();
  const std::string wanted = fmt::format("{{{}}}", place);
  const auto asks = [&](const Message& turn) {
    return turn.content.find(wanted) != std::string::npos;
  };
  if (std::none_of(prompt.turns.begin(), prompt.turns.end(), asks))
    throw Error(Fault::input, where, fmt::format("the prompt has no turn with {} in it", wanted),
                fmt::format("Add a line \"## user\" and {} below it", wanted));
  return prompt;
}

std::string_view prompt_text(std::string_view name) {
  for (const base::EmbeddedFile& file : base::embedded_prompts())
    if (file.name == name) return file.text;
  throw Error(Fault::input, "prompt", fmt::format("there is no prompt \"{}\"", name),
              base::did_you_mean(name, prompt_names()));
}

Prompt prompt_named(std::string_view name, std::string_view place) {
  return parse_prompt(fmt::format("prompts/{}.md", name), prompt_text(name), place);
}

Prompt prompt_read(const std::string& name, std::string_view place) {
  if (!name.ends_with(".md") && !name.starts_with("/")) return prompt_named(name, place);
  const std::string text = base::file_content(name).value_or("");
  if (text.empty())
    throw Error(Fault::input, "prompt", fmt::format("{} cannot be read, or is empty", name),
                fmt::format("Name a file with a turn that holds {{{}}}", place));
  return parse_prompt(name, text, place);
}

std::string prompt_part(std::string_view name, std::string_view part) {
  const std::string text = "\n" + std::string(prompt_text(name));
  const std::string head = fmt::format("\n## {}\n", part);
  const auto at = text.find(head);
  if (at == std::string::npos)
    throw Error(Fault::input, "prompt", fmt::format("prompts/{}.md has no part {}", name, part),
                "Add a line \"## " + std::string(part) + "\" and the text below it");
  const auto begin = at + head.size();
  const auto end = text.find("\n## ", begin - 1);
  return std::string(trimmed(text.substr(begin, end == std::string::npos ? end : end - begin)));
}

std::vector<std::string> prompt_names() {
  std::vector<std::string> names;
  for (const base::EmbeddedFile& file : base::embedded_prompts()) names.emplace_back(file.name);
  return names;
}

}  // namespace cairn
