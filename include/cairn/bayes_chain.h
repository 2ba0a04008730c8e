#pragma once
// cairn/bayes_chain.h — why step by step? A chain X0 -> X1 -> … of binary variables, and a learner
// that has only ever seen variables together that stand close to each other. Asked for P(Y | X) of
// two that stand far apart it can answer at once, or first draw the values in between.
//
// Prystawski, Li, Goodman 2023, arXiv:2304.03843. Departs from the paper: the nets are chains, and
// the learner is a table of how often two values were seen together in place of a trained network.
// It reads a variable from the one that tells most about it among those that are given and were
// seen together with it; where there is none it answers the marginal.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace cairn {

struct BayesChain {
  double first = 0;                         // P(X0 = 1)
  std::vector<std::array<double, 2>> next;  // next[i][v] = P(X(i+1) = 1 | Xi = v)
};

// The root's probability is uniform, each row of the tables Beta(0.2, 0.2): sharp. variables > 1.
BayesChain draw_chain(std::uint64_t seed, int variables);

double marginal(const BayesChain& chain, int variable);  // P(X = 1)
// P(asked = 1 | given = value), exact in both directions.
double conditional(const BayesChain& chain, int asked, int given, bool value);

// What is seen together in a training string: the variables within a geometric radius of a place,
// in the chain or in another order of the variables; or all. Pairs that are asked for never are.
enum class Seen { local, wrong_local, all };
std::string name_of(Seen seen);

struct LocalityStudy {
  int nets = 5;         // the most informative of four times as many chains
  int variables = 30;   // of a chain
  int strings = 10000;  // to learn from
  int pairs = 8;        // asked for: the most informative that are at least three apart
  int samples = 10;     // M: drawn for each estimate
};

// Mean squared errors of the estimators to the true P(Y = 1 | X = x), over the pairs in both
// directions and both values.
struct LocalityRow {
  Seen seen = Seen::local;
  double direct = 0;      // read at once
  double scaffolded = 0;  // the variables in between drawn first, from X on; mean over samples
  double negative = 0;    // as many others drawn first
  double free = 0;        // the learner names what it draws, until it names Y
  double marginal = 0;    // of always answering P(Y = 1)
  double named = 0;       // variables that free drew, on average
  double separating = 0;  // share of its samples with one in between, so that X tells no more
};

// A row for each kind of training.  Errors: Fault::input for fewer than 6 variables, or no strings,
// nets, pairs or samples.
std::vector<LocalityRow> locality(const LocalityStudy& study, std::uint64_t seed);

}  // namespace cairn
