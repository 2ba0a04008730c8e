#include "judge/ask.h"

#include <algorithm>

#include "cairn/gather.h"
#include "cairn/rng.h"

namespace cairn::judge {

BranchPtr question(LanguageModel& model, const std::vector<Message>& messages, Budget& budget) {
  BranchPtr branch = model.branch(nullptr, model.chat(messages));
  budget.note_prompt(static_cast<std::int64_t>(branch->size()));
  return branch;
}

BranchPtr shared_part(LanguageModel& model, const BranchPtr& branch,
                      const std::vector<Token>& longer) {
  const std::vector<Token> tokens = branch->tokens();
  const auto differ =
      std::mismatch(tokens.begin(), tokens.end(), longer.begin(), longer.end()).first;
  return model.rollback(branch, static_cast<std::size_t>(differ - tokens.begin()));
}

asio::awaitable<std::vector<std::string>> ask(LanguageModel& model, BranchPtr question,
                                              Asking asking, Budget& budget) {
  std::vector<asio::awaitable<Generation>> replies;
  for (int i = 0; i < asking.answers; ++i) {
    GenerateRequest request;
    request.prefix = question;
    request.sampling.temperature = asking.temperature;
    request.max_tokens = asking.max_tokens;
    request.seed = mix(asking.seed, static_cast<std::uint64_t>(i));
    replies.push_back(model.generate(std::move(request), budget));
  }
  const std::vector<Generation> generations = co_await gather<Generation>(std::move(replies));
  std::vector<std::string> texts;
  for (const Generation& generation : generations) texts.push_back(generation.text);
  co_return texts;
}

}  // namespace cairn::judge
