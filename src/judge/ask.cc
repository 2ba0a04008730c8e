#include "judge/ask.h"

#include "cairn/gather.h"
#include "cairn/rng.h"

namespace cairn::judge {

BranchPtr question(LanguageModel& model, const std::vector<Message>& messages, Budget& budget) {
  BranchPtr branch = model.branch(nullptr, model.chat(messages));
  budget.note_prompt(static_cast<std::int64_t>(branch->size()));
  return branch;
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
