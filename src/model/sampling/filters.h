#pragma once
// model/sampling/filters.h — top_k, top_p and min_p: which tokens may be drawn.
//
// Each keeps a set that is exact, ties included: of equally probable tokens the lowest ids are
// kept. None sorts the vocabulary: what cannot be kept is left out by a bound on its logit first.

#include <span>
#include <vector>

#include "model/sampling/row.h"

namespace cairn::sampling {

// The k most probable, most probable first.
void keep_top_k(Row& row, std::size_t k, std::vector<Candidate>& kept);

// The smallest set, in order of probability, that holds at least p of the row's; never empty.
void keep_top_p(Row& row, float p, std::vector<Candidate>& kept);
// The same on what is left of the row, with probabilities renormalised over it.
void keep_top_p(float p, std::vector<Candidate>& kept);

// Those at least min_p times as probable as the best.
void keep_min_p(Row& row, float min_p, std::vector<Candidate>& kept);
void keep_min_p(float min_p, std::vector<Candidate>& kept);

// By inverse distribution function, with weights exp(logit * slope). Requires !kept.empty().
Token draw(std::span<const Candidate> kept, float slope, double u);

}  // namespace cairn::sampling
