#pragma once
// cairn/choose.h — the best of several finished traces, as the kit's judge sees it.

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "cairn/kit.h"

namespace cairn {

// Scores the traces that state an answer and takes the answer of the one with the highest outcome
// reward, the first of equals; confidence is that reward. Without an answer among them the outcome
// has none. It keeps all traces, in their order.
boost::asio::awaitable<Outcome> chosen_by_judge(Kit& kit, const Problem& problem,
                                                std::vector<Trace> traces);

}  // namespace cairn
