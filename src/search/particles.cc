#include "cairn/particles.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/nearest.h"
#include "cairn/error.h"
#include "cairn/rng.h"
#include "cairn/vote.h"

namespace cairn::search {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();

const std::vector<std::string> kPotentials = {"difference", "max", "sum", "immediate"};
const std::vector<std::string> kSchemes = {"multinomial", "stratified", "systematic", "residual"};

std::size_t place_of(const std::vector<std::string>& names, const char* what,
                     std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  throw Error(Fault::input, what, "\"" + std::string(name) + "\" is none",
              base::did_you_mean(name, names));
}

// Which interval of the cumulated weights each of the sorted points lies in.
std::vector<std::size_t> at_points(std::span<const double> weights,
                                   const std::vector<double>& points) {
  std::vector<std::size_t> picked;
  std::size_t i = 0;
  double end = weights[0];
  for (const double point : points) {
    while (point >= end && i + 1 < weights.size()) end += weights[++i];
    picked.push_back(i);
  }
  return picked;
}

// `count` draws by independent points.
std::vector<std::size_t> multinomial(std::span<const double> weights, std::size_t count,
                                     std::uint64_t seed) {
  std::vector<double> points;
  for (std::size_t i = 0; i < count; ++i) points.push_back(uniform(seed, i));
  std::sort(points.begin(), points.end());
  return at_points(weights, points);
}

// The whole parts of weights * n for certain, the rest by the fractions.
std::vector<std::size_t> residual(std::span<const double> weights, std::uint64_t seed) {
  const std::size_t n = weights.size();
  std::vector<std::size_t> picked;
  std::vector<double> rest(n);
  double total = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double wanted = weights[i] * static_cast<double>(n);
    const auto whole = static_cast<std::size_t>(wanted + 1e-9);
    picked.insert(picked.end(), whole, i);
    rest[i] = std::max(0.0, wanted - static_cast<double>(whole));
    total += rest[i];
  }
  if (picked.size() >= n) return picked.resize(n), picked;
  for (double& weight : rest) weight = total > 0 ? weight / total : 1.0 / static_cast<double>(n);
  const auto drawn = multinomial(rest, n - picked.size(), seed);
  picked.insert(picked.end(), drawn.begin(), drawn.end());
  std::sort(picked.begin(), picked.end());
  return picked;
}

}  // namespace

std::vector<std::string> potential_names() {
  return kPotentials;
}
Potential potential_named(std::string_view name) {
  return static_cast<Potential>(place_of(kPotentials, "potential", name));
}
std::vector<std::string> resampling_names() {
  return kSchemes;
}
Resampling resampling_named(std::string_view name) {
  return static_cast<Resampling>(place_of(kSchemes, "resampling", name));
}

std::vector<std::size_t> resample(std::span<const double> weights, Resampling scheme,
                                  std::uint64_t seed) {
  const std::size_t n = weights.size();
  if (scheme == Resampling::residual) return residual(weights, seed);
  if (scheme == Resampling::multinomial) return multinomial(weights, n, seed);
  std::vector<double> points;
  for (std::size_t i = 0; i < n; ++i) {
    const double u = uniform(seed, scheme == Resampling::stratified ? i : 0);
    points.push_back((static_cast<double>(i) + u) / static_cast<double>(n));
  }
  return at_points(weights, points);
}

std::vector<double> normalised(std::span<const double> log_weights) {
  const double highest = *std::max_element(log_weights.begin(), log_weights.end());
  std::vector<double> weights(log_weights.size(), 1.0 / static_cast<double>(log_weights.size()));
  if (highest == kNothing) return weights;
  double total = 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    total += weights[i] = std::exp(log_weights[i] - highest);
  for (double& weight : weights) weight /= total;
  return weights;
}

double effective_size(std::span<const double> log_weights) {
  double squares = 0;
  for (const double weight : normalised(log_weights)) squares += weight * weight;
  return 1 / squares;
}

double log_mean_exp(std::span<const double> logs) {
  const double highest = *std::max_element(logs.begin(), logs.end());
  if (highest == kNothing) return kNothing;
  double total = 0;
  for (const double log : logs) total += std::exp(log - highest);
  return highest + std::log(total / static_cast<double>(logs.size()));
}

Particles::Particles(Tree& tree, ParticleOptions options, std::vector<Tree::Index> reference)
    : tree_(tree),
      options_(options),
      reference_(std::move(reference)),
      particles_(options.particles),
      ordinals_(tree.size()) {
  for (Tree::Index node = 0; node < tree.size(); ++node) ordinals_[node] = tree[node].children;
}

std::optional<Expansion> Particles::ask() {
  for (; round_ < options_.depth; close_round()) {
    if (next_ == 0) follow_reference();
    while (next_ < particles_.size() && particles_[next_].finished) ++next_;
    if (next_ < particles_.size()) break;
    // Nothing moves but the reference, or nothing at all.
    if (!in_flight_.empty() || particles_.front().finished) return {};
  }
  if (round_ >= options_.depth) return {};
  const Tree::Index node = particles_[next_].node;
  if (ordinals_.size() < tree_.size()) ordinals_.resize(tree_.size());
  const Expansion expansion{node, 1, static_cast<int>(ordinals_[node]++)};
  in_flight_[{node, expansion.first}] = next_++;
  return expansion;
}

void Particles::tell(const Expansion& expansion, std::span<const Tree::Index> children) {
  const auto asked = in_flight_.find({expansion.node, expansion.first});
  Particle& particle = particles_[asked->second];
  in_flight_.erase(asked);
  left_.push_back(expansion.node);
  if (children.empty()) {
    particle.finished = true;
  } else {
    particle.node = children.front();
    particle.finished = tree_[particle.node].trace.finished();
    weigh(particle);
  }
  const bool all_asked =
      std::all_of(particles_.begin() + static_cast<std::ptrdiff_t>(next_), particles_.end(),
                  [](const Particle& p) { return p.finished; });
  if (in_flight_.empty() && all_asked) close_round();
}

// One step of the reference, if it has one left.
void Particles::follow_reference() {
  Particle& first = particles_.front();
  if (reference_.empty() || first.finished) return;
  first.node = reference_[static_cast<std::size_t>(round_)];
  const bool last = static_cast<std::size_t>(round_) + 1 == reference_.size();
  first.finished = last || tree_[first.node].trace.finished();
  weigh(first);
  next_ = 1;
}

std::vector<std::size_t> Particles::ancestors(std::span<const double> weights) const {
  const std::uint64_t seed = mix(options_.seed, static_cast<std::uint64_t>(round_));
  if (reference_.empty()) return resample(weights, options_.resampling, seed);
  std::vector<std::size_t> picked = multinomial(weights, weights.size() - 1, seed);
  picked.insert(picked.begin(), 0);
  return picked;
}

void Particles::weigh(Particle& particle) {
  const double reward = tree_[particle.node].reward;
  particle.highest = std::max(particle.highest, reward);
  particle.sum += reward;
  double potential = options_.lambda;
  switch (options_.potential) {
    case Potential::difference:
      potential *= reward - particle.last;
      break;
    case Potential::max:
      potential *= particle.highest;
      break;
    case Potential::sum:
      potential *= particle.sum;
      break;
    case Potential::immediate:
      potential *= reward;
      break;
  }
  particle.last = reward;
  if (particle.finished) potential = options_.lambda * reward - particle.potentials;
  particle.log_weight += potential;
  particle.potentials += potential;
}

void Particles::close_round() {
  ++round_;
  next_ = 0;
  for (const Tree::Index node : left_) tree_.release(node);
  left_.clear();
  std::vector<double> log_weights;
  bool all_finished = true;
  for (const Particle& particle : particles_) {
    log_weights.push_back(particle.log_weight);
    all_finished &= particle.finished;
  }
  const double few = options_.ess * static_cast<double>(particles_.size());
  if (all_finished || round_ >= options_.depth ||
      (options_.ess < 1 && effective_size(log_weights) >= few))
    return;
  log_evidence_ += log_mean_exp(log_weights);
  const std::vector<double> weights = normalised(log_weights);
  const std::vector<std::size_t> parents = ancestors(weights);
  std::vector<Particle> next;
  for (const std::size_t ancestor : parents) {
    next.push_back(particles_[ancestor]);
    next.back().log_weight = 0;
  }
  for (std::size_t i = 0; i < particles_.size(); ++i)
    if (std::find(parents.begin(), parents.end(), i) == parents.end())
      tree_.release(particles_[i].node);
  particles_ = std::move(next);
}

namespace {

std::vector<double> shares_of(const Particles& particles) {
  std::vector<double> log_weights;
  for (const Particles::Particle& particle : particles.particles())
    log_weights.push_back(particle.log_weight);
  return normalised(log_weights);
}

void add_votes(const Particles& particles, std::vector<std::pair<Tree::Index, float>>& votes) {
  const std::vector<double> shares = shares_of(particles);
  for (std::size_t i = 0; i < shares.size(); ++i)
    votes.emplace_back(particles.particles()[i].node, static_cast<float>(shares[i]));
}

Outcome voted(Tree& tree, const Problem& problem, Choose choose,
              const std::vector<std::pair<Tree::Index, float>>& votes) {
  Outcome all = search::outcome(tree, problem, choose);
  if (choose == Choose::best) return all;
  std::vector<Trace> traces;
  std::vector<float> weights;
  for (const auto& [node, share] : votes) {
    traces.push_back(tree[node].trace);
    weights.push_back(choose == Choose::majority ? 1.0f : share);
  }
  const Outcome of_votes = vote::weighted(traces, weights, problem);
  all.answer = of_votes.answer;
  all.confidence = of_votes.confidence;
  return all;
}

}  // namespace

Outcome Particles::outcome(const Problem& problem, Choose choose) {
  std::vector<std::pair<Tree::Index, float>> votes;
  add_votes(*this, votes);
  return voted(tree_, problem, choose, votes);
}

double Particles::log_evidence() const {
  std::vector<double> log_weights;
  for (const Particle& particle : particles_) log_weights.push_back(particle.log_weight);
  return log_evidence_ + log_mean_exp(log_weights);
}

ParticleGibbs::ParticleGibbs(Tree& tree, ParticleOptions options, int sweeps,
                             std::vector<Tree::Index> reference)
    : tree_(tree), options_(options), sweeps_(sweeps) {
  sweep_.emplace(tree, options, std::move(reference));
}

std::optional<Expansion> ParticleGibbs::ask() {
  while (static_cast<int>(drawn_.size()) < sweeps_) {
    const std::optional<Expansion> expansion = sweep_->ask();
    if (expansion) ++in_flight_;
    if (expansion || in_flight_ > 0) return expansion;
    end_sweep();
  }
  return {};
}

void ParticleGibbs::tell(const Expansion& expansion, std::span<const Tree::Index> children) {
  --in_flight_;
  sweep_->tell(expansion, children);
}

void ParticleGibbs::end_sweep() {
  add_votes(*sweep_, votes_);
  const std::vector<double> shares = shares_of(*sweep_);
  const std::uint64_t seed = mix(mix(options_.seed, "sweep"), drawn_.size());
  const std::size_t picked = multinomial(shares, 1, seed).front();
  drawn_.push_back(sweep_->particles()[picked].node);
  for (const Particles::Particle& particle : sweep_->particles()) tree_.release(particle.node);
  ParticleOptions next = options_;
  next.seed = mix(seed, drawn_.size());
  sweep_.emplace(tree_, next, tree_.path(drawn_.back()));
}

Outcome ParticleGibbs::outcome(const Problem& problem, Choose choose) {
  auto votes = votes_;
  if (static_cast<int>(drawn_.size()) < sweeps_) add_votes(*sweep_, votes);
  return voted(tree_, problem, choose, votes);
}

}  // namespace cairn::search
