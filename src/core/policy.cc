#include "cairn/policy.h"

#include "cairn/error.h"

namespace cairn {

boost::asio::awaitable<std::vector<float>> Policy::labels(const Problem&, Trace, std::string,
                                                          std::vector<std::string>) {
  throw Error(Fault::input, "labels", "the policy has no language model to read labels from",
              "Use a recipe that asks for none");
}

boost::asio::awaitable<Trace> Policy::append(const Problem&, Trace trace, Step step, End end) {
  co_return trace.extended(std::move(step), end);
}

}  // namespace cairn
