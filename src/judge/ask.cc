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

std::size_t shared_tokens(const std::vector<Token>& a, const std::vector<Token>& b) {
  const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  return static_cast<std::size_t>(differ - a.begin());
}

BranchPtr shared_part(LanguageModel& model, const BranchPtr& branch,
                      const std::vector<Token>& longer) {
  return model.rollback(branch, shared_tokens(branch->tokens(), longer));
}

namespace {

constexpr int kTokensAfterMark = 16;

asio::awaitable<std::string> reply(LanguageModel& model, GenerateRequest request, Asking asking,
                                   Budget& budget) {
  Generation words = co_await model.generate(request, budget);
  if (words.text.find(asking.mark) != std::string::npos || budget.stopped()) co_return words.text;
  const std::string added = asking.lead + asking.mark;
  const std::vector<Token> tokens = model.tokenize(added, false);
  request.prefix = model.branch(words.branch, tokens);
  request.max_tokens = kTokensAfterMark;
  request.stop = {"}", "\n"};
  Generation verdict = co_await model.generate(std::move(request), budget);
  co_return words.text + added + verdict.text;
}

}  // namespace

asio::awaitable<std::vector<std::string>> ask(LanguageModel& model, BranchPtr question,
                                              Asking asking, Budget& budget) {
  std::vector<asio::awaitable<std::string>> replies;
  for (int i = 0; i < asking.answers; ++i) {
    GenerateRequest request;
    request.prefix = question;
    request.sampling.temperature = asking.temperature;
    request.max_tokens = asking.max_tokens;
    request.seed = mix(asking.seed, static_cast<std::uint64_t>(i));
    replies.push_back(reply(model, std::move(request), asking, budget));
  }
  std::vector<std::string> texts = co_await gather<std::string>(std::move(replies));
  co_return texts;
}

}  // namespace cairn::judge
