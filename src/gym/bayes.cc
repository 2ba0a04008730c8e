// Chains of binary variables: exercises in exact decimals, and the study of locality.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>

#include "cairn/bayes_chain.h"
#include "cairn/error.h"
#include "gym/families.h"

namespace cairn {
namespace {

using gym::Draw;
using gym::place;

double unit(Draw& draw) {
  return (draw.from(0, (1 << 30) - 1) + 0.5) / (1 << 30);
}

// Johnk 1964: with a = b = 1/5 the powers are whole, so that no machine rounds otherwise.
double beta_fifth(Draw& draw) {
  for (;;) {
    const double u = unit(draw), v = unit(draw);
    const double x = u * u * u * u * u, y = v * v * v * v * v;
    if (x + y <= 1 && x + y > 0) return x / (x + y);
  }
}

// P(X_to = 1 | X_from = value) along the arrows.
double forward(const BayesChain& chain, int from, int to, double p) {
  for (int i = from; i < to; ++i)
    p = p * chain.next[place(i)][1] + (1 - p) * chain.next[place(i)][0];
  return p;
}

// ---- the learner

// How often values were seen together.
class Counts {
 public:
  explicit Counts(int variables)
      : n_(variables),
        together_(place(variables * variables) * 4, 0),
        ones_(place(variables), 0),
        seen_(place(variables), 0),
        informations_(place(variables * variables), 0) {}

  void add(const std::vector<std::pair<int, bool>>& string) {
    for (const auto& [a, x] : string) {
      ++seen_[place(a)];
      ones_[place(a)] += x ? 1 : 0;
      for (const auto& [b, y] : string)
        if (a != b) ++together_[cell(a, x, b, y)];
    }
  }
  int together(int a, int b) const {
    int sum = 0;
    for (int v = 0; v < 4; ++v) sum += together_[cell(a, v / 2 != 0, b, v % 2 != 0)];
    return sum;
  }
  double marginal(int a) const { return (ones_[place(a)] + 1.0) / (seen_[place(a)] + 2.0); }
  double conditional(int y, int x, bool value) const {
    const double one = together_[cell(x, value, y, true)] + 0.5;
    return one / (one + together_[cell(x, value, y, false)] + 0.5);
  }
  double information(int a, int b) const { return informations_[pair(a, b)]; }

  // To be called when all strings are added.
  void settle() {
    for (int a = 0; a < n_; ++a)
      for (int b = 0; b < n_; ++b)
        if (a != b) informations_[pair(a, b)] = mutual_information(a, b);
  }

 private:
  // Mutual information of two, by the counts; 0 where they were hardly ever seen together.
  double mutual_information(int a, int b) const {
    constexpr int kFewest = 20;
    const double all = together(a, b);
    if (all < kFewest) return 0;
    double sum = 0;
    for (int v = 0; v < 4; ++v) {
      const bool x = v / 2 != 0, y = v % 2 != 0;
      const double both = together_[cell(a, x, b, y)] / all;
      const double of_a = both + together_[cell(a, x, b, !y)] / all;
      const double of_b = both + together_[cell(a, !x, b, y)] / all;
      if (both > 0) sum += both * std::log(both / (of_a * of_b));
    }
    return sum;
  }

  std::size_t cell(int a, bool x, int b, bool y) const {
    return pair(a, b) * 4 + (x ? 2 : 0) + (y ? 1 : 0);
  }
  std::size_t pair(int a, int b) const { return place(a) * place(n_) + place(b); }
  int n_;
  std::vector<int> together_, ones_, seen_;
  std::vector<double> informations_;
};

using Context = std::vector<std::pair<int, bool>>;

// P(y = 1) as the learner reads it from what is given.
double read(const Counts& counts, const Context& given, int y) {
  double most = 0, p = counts.marginal(y);
  for (const auto& [x, value] : given) {
    const double information = counts.information(x, y);
    if (information > most) most = information, p = counts.conditional(y, x, value);
  }
  return p;
}

void draw_value(const Counts& counts, Context& given, int y, Draw& draw) {
  const bool value = unit(draw) < read(counts, given, y);
  given.emplace_back(y, value);
}

// ---- what it learns from

struct Pair {
  int a, b;
};
using Held = std::set<std::pair<int, int>>;

int geometric(Draw& draw) {
  int r = 1;
  while (draw.coin()) ++r;
  return r;
}

std::vector<bool> draw_values(const BayesChain& chain, Draw& draw) {
  std::vector<bool> values = {unit(draw) < chain.first};
  for (const auto& row : chain.next) values.push_back(unit(draw) < row[values.back() ? 1 : 0]);
  return values;
}

// The variables of a string: `order` says who are neighbours. A fifth of them is dropped, and one
// of a pair that is held out.
std::vector<int> observed(Seen seen, const std::vector<int>& order, const Held& held, Draw& draw) {
  const int n = static_cast<int>(order.size());
  const int centre = draw.from(0, n - 1), radius = seen == Seen::all ? n : geometric(draw);
  std::vector<int> all;
  for (int i = std::max(0, centre - radius); i <= std::min(n - 1, centre + radius); ++i)
    if (seen == Seen::all || draw.from(1, 5) > 1) all.push_back(order[place(i)]);
  draw.shuffle(all);
  std::vector<int> kept;
  for (const int a : all)
    if (std::none_of(kept.begin(), kept.end(),
                     [&](int b) { return held.contains(std::minmax(a, b)); }))
      kept.push_back(a);
  return kept;
}

Counts learn(const BayesChain& chain, const LocalityStudy& study, Seen seen, const Held& held,
             Draw& draw) {
  std::vector<int> order(place(study.variables));
  std::iota(order.begin(), order.end(), 0);
  if (seen == Seen::wrong_local) draw.shuffle(order);
  Counts counts(study.variables);
  for (int i = 0; i < study.strings; ++i) {
    const std::vector<bool> values = draw_values(chain, draw);
    Context string;
    for (const int variable : observed(seen, order, held, draw))
      string.emplace_back(variable, values[place(variable)]);
    counts.add(string);
  }
  counts.settle();
  return counts;
}

// ---- the estimators

struct Query {
  int y, x;
  bool value;
};

// The variables between, from x on.
std::vector<int> between(const Query& query) {
  std::vector<int> all;
  for (int i = std::min(query.x, query.y) + 1; i < std::max(query.x, query.y); ++i)
    all.push_back(i);
  if (query.x > query.y) std::reverse(all.begin(), all.end());
  return all;
}

double after_drawing(const Counts& counts, const Query& query, const std::vector<int>& first,
                     Draw& draw) {
  Context given = {{query.x, query.value}};
  for (const int variable : first) draw_value(counts, given, variable, draw);
  return read(counts, given, query.y);
}

// Names that are not between, as many.
std::vector<int> elsewhere(const Query& query, int variables, Draw& draw) {
  const std::vector<int> inside = between(query);
  std::vector<int> all;
  for (int i = 0; i < variables; ++i)
    if (i != query.x && i != query.y && std::find(inside.begin(), inside.end(), i) == inside.end())
      all.push_back(i);
  draw.shuffle(all);
  all.resize(std::min(all.size(), inside.size()));
  return all;
}

// The learner names a variable that it has seen with the last one, the more often the likelier,
// until that is y.
std::vector<int> named_freely(const Counts& counts, const Query& query, int variables, Draw& draw) {
  std::vector<int> named = {query.x};
  while (named.back() != query.y) {
    std::vector<int> weights(place(variables), 0);
    int sum = 0;
    for (int i = 0; i < variables; ++i)
      if (std::find(named.begin(), named.end(), i) == named.end())
        sum += weights[place(i)] = 1 + counts.together(named.back(), i);
    int left = draw.from(0, sum - 1), next = 0;
    while (left >= weights[place(next)]) left -= weights[place(next++)];
    named.push_back(next);
  }
  return {named.begin() + 1, named.end() - 1};
}

double squared(double error) {
  return error * error;
}

// Adds one query's errors to the row's sums.
void ask(const BayesChain& chain, const Counts& counts, const LocalityStudy& study,
         const Query& query, Draw& draw, LocalityRow& row) {
  const double truth = conditional(chain, query.y, query.x, query.value);
  const std::vector<int> inside = between(query);
  double scaffolded = 0, negative = 0, free = 0;
  for (int i = 0; i < study.samples; ++i) {
    scaffolded += after_drawing(counts, query, inside, draw) / study.samples;
    negative +=
        after_drawing(counts, query, elsewhere(query, study.variables, draw), draw) / study.samples;
    const std::vector<int> named = named_freely(counts, query, study.variables, draw);
    free += after_drawing(counts, query, named, draw) / study.samples;
    row.named += static_cast<double>(named.size()) / study.samples;
    const bool separates =
        std::find_first_of(named.begin(), named.end(), inside.begin(), inside.end()) != named.end();
    row.separating += (separates ? 1.0 : 0.0) / study.samples;
  }
  row.direct += squared(read(counts, {{query.x, query.value}}, query.y) - truth);
  row.scaffolded += squared(scaffolded - truth);
  row.negative += squared(negative - truth);
  row.free += squared(free - truth);
  row.marginal += squared(marginal(chain, query.y) - truth);
}

// How much X tells about Y, as the difference that it makes.
double influence(const BayesChain& chain, const Pair& pair) {
  return std::abs(conditional(chain, pair.b, pair.a, true) -
                  conditional(chain, pair.b, pair.a, false));
}

// The most informative pairs that stand at least three apart.
std::vector<Pair> pairs_of(const BayesChain& chain, const LocalityStudy& study) {
  std::vector<Pair> all;
  for (int a = 0; a < study.variables; ++a)
    for (int b = a + 3; b < study.variables; ++b) all.push_back({a, b});
  std::stable_sort(all.begin(), all.end(), [&](const Pair& p, const Pair& q) {
    return influence(chain, p) > influence(chain, q);
  });
  all.resize(std::min(all.size(), place(study.pairs)));
  return all;
}

std::vector<BayesChain> informative_chains(const LocalityStudy& study, std::uint64_t seed) {
  const auto worth = [&](const BayesChain& chain) {
    double sum = 0;
    for (const Pair& pair : pairs_of(chain, study)) sum += influence(chain, pair);
    return sum;
  };
  std::vector<BayesChain> all;
  for (int i = 0; i < 4 * study.nets; ++i)
    all.push_back(draw_chain(mix(seed, static_cast<std::uint64_t>(i)), study.variables));
  std::stable_sort(all.begin(), all.end(),
                   [&](const BayesChain& a, const BayesChain& b) { return worth(a) > worth(b); });
  all.resize(place(study.nets));
  return all;
}

LocalityRow studied(const LocalityStudy& study, const std::vector<BayesChain>& chains, Seen seen,
                    Draw& draw) {
  LocalityRow row;
  row.seen = seen;
  int queries = 0;
  for (const BayesChain& chain : chains) {
    const std::vector<Pair> pairs = pairs_of(chain, study);
    Held held;
    for (const Pair& pair : pairs) held.insert({pair.a, pair.b});
    const Counts counts = learn(chain, study, seen, held, draw);
    for (const Pair& pair : pairs)
      for (int way = 0; way < 4; ++way, ++queries) {
        const bool back = way / 2 != 0;
        ask(chain, counts, study, {back ? pair.a : pair.b, back ? pair.b : pair.a, way % 2 != 0},
            draw, row);
      }
  }
  for (double* sum : {&row.direct, &row.scaffolded, &row.negative, &row.free, &row.marginal,
                      &row.named, &row.separating})
    *sum /= queries;
  return row;
}

}  // namespace

BayesChain draw_chain(std::uint64_t seed, int variables) {
  Draw draw(seed);
  BayesChain chain;
  chain.first = unit(draw);
  for (int i = 1; i < variables; ++i) chain.next.push_back({beta_fifth(draw), beta_fifth(draw)});
  return chain;
}

double marginal(const BayesChain& chain, int variable) {
  return forward(chain, 0, variable, chain.first);
}

double conditional(const BayesChain& chain, int asked, int given, bool value) {
  if (asked >= given) return forward(chain, given, asked, value ? 1 : 0);
  // Bayes' rule: P(given = value | asked) P(asked) over both values of asked.
  const auto joint = [&](bool other) {
    const double prior = marginal(chain, asked);
    const double one = forward(chain, asked, given, other ? 1 : 0);
    return (other ? prior : 1 - prior) * (value ? one : 1 - one);
  };
  const double sum = joint(true) + joint(false);
  return sum > 0 ? joint(true) / sum : marginal(chain, asked);
}

std::string name_of(Seen seen) {
  return seen == Seen::local ? "local" : seen == Seen::wrong_local ? "wrong_local" : "all";
}

std::vector<LocalityRow> locality(const LocalityStudy& study, std::uint64_t seed) {
  if (study.variables < 6 || std::min({study.nets, study.strings, study.pairs, study.samples}) < 1)
    throw Error(
        Fault::input, "locality",
        fmt::format("{} variables, {} nets, {} strings, {} pairs and {} samples are too few",
                    study.variables, study.nets, study.strings, study.pairs, study.samples),
        "Take at least 6 variables and one of each other");
  const std::vector<BayesChain> chains = informative_chains(study, seed);
  Draw draw(mix(seed, "locality"));
  std::vector<LocalityRow> rows;
  for (const Seen seen : {Seen::local, Seen::wrong_local, Seen::all})
    rows.push_back(studied(study, chains, seen, draw));
  return rows;
}

// ---- exercises

namespace gym {
namespace {

// A probability in 1/10000.
std::string four_places(int p) {
  return fmt::format("{}.{:04}", p / 10000, p % 10000);
}

std::string tenths(int p) {
  return fmt::format("{}.{}", p / 10, p % 10);
}

// a * p + b * (1 - p), to four places, a half upwards.
int mixed(int a, int b, int p) {
  return (a * p + b * (10000 - p) + 5) / 10;
}

Exercise bayes_chain(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int given = draw.from(0, 1), first = draw.from(1, 9);
  std::string text = fmt::format("P(X1 = 1) = {}", tenths(first));
  int p = 10000 * given;
  Lines steps;
  for (int i = 2; i <= 2 + difficulty; ++i) {
    const int one = draw.from(1, 9), zero = draw.from(1, 9);
    text += fmt::format("\nP(X{} = 1 | X{} = 1) = {}, P(X{} = 1 | X{} = 0) = {}", i, i - 1,
                        tenths(one), i, i - 1, tenths(zero));
    const int next = mixed(one, zero, p);
    steps.push_back(fmt::format("P(X{} = 1) = {} * {} + {} * {} = {}", i, four_places(p),
                                tenths(one), four_places(10000 - p), tenths(zero),
                                four_places(next)));
    p = next;
  }
  return made(
      "Each variable of the chain depends on the one before it. Find the probability of the last "
      "one, given the first, variable by variable. Round each result to four decimals, a half "
      "upwards. A step is the probability of one variable, given the first: P(X3 = 1) = 0.2000 * "
      "0.4 "
      "+ 0.8000 * 0.5 = 0.4800.",
      fmt::format("{}\nGiven: X1 = {}", text, given), std::move(steps));
}

Exercise bayes_rule(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  int one = draw.from(1, 9), zero = 10 - one;  // the odds so far, in lowest terms
  std::string text = fmt::format("P(A) = {}", tenths(one));
  Lines steps;
  for (int i = 0; i < 1 + difficulty; ++i) {
    const int with = draw.from(1, 9), without = draw.from(1, 9);
    text += fmt::format("\nSign {} is seen. P(sign {} | A) = {}, P(sign {} | not A) = {}", i + 1,
                        i + 1, tenths(with), i + 1, tenths(without));
    one *= with, zero *= without;
    const int common = std::gcd(one, zero);
    one /= common, zero /= common;
    steps.push_back(fmt::format("{}. {} : {}", i + 1, one, zero));
    if (std::max(one, zero) > 100'000'000) break;  // the next product would be too large
  }
  return made(
      "Signs that do not depend on each other speak for or against A. Update the odds of A by "
      "Bayes' rule, sign by sign. A step is the number of the sign and the odds of A to not A "
      "after "
      "it, in lowest terms: 1. 3 : 8.",
      text, std::move(steps));
}

}  // namespace

std::vector<Procedure> bayes() {
  return {{"bayes_chain", "probabilities along a chain", bayes_chain},
          {"bayes_rule", "odds updated sign by sign", bayes_rule}};
}

}  // namespace gym
}  // namespace cairn
