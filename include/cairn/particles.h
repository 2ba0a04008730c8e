#pragma once
// cairn/particles.h — sequential Monte Carlo over steps: particles that are reweighted by a
// potential after every step and resampled when few of them carry the weight.
//
//   log w  +=  log g(step)                       the potential, from the step's reward
//   resample when  1 / sum(w^2) < ess * particles
//   log Z   =  sum over resamplings of log mean w, and the last log mean w
//
// Targets p(trace) * exp(lambda * r(trace)) up to Z, whichever potential is used: at a trace's end
// the potentials multiply to exp(lambda * r). Singhal et al. 2025 (Feynman-Kac steering),
// arXiv:2501.06848; Puri et al. 2025 (particle filtering), arXiv:2502.01618. Pinned by
// tests/search/particles_test.cc, on a chain whose Z is known.

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "cairn/search.h"

namespace cairn::search {

// From rewards r_1 … r_t of a lineage, with r_0 = 0:
//   difference   lambda * (r_t - r_{t-1})
//   max          lambda * max r_s
//   sum          lambda * sum r_s
//   immediate    lambda * r_t
// All but `difference` are corrected at a trace's end.
enum class Potential { difference, max, sum, immediate };

enum class Resampling { multinomial, stratified, systematic, residual };

// Errors: Fault::input with the nearest name.
Potential potential_named(std::string_view name);
std::vector<std::string> potential_names();
Resampling resampling_named(std::string_view name);
std::vector<std::string> resampling_names();

// Indices of the ancestors, [weights]; weights sum to 1. Draws are a function of the seed. Each
// scheme takes index i weights[i] * n times in expectation.
std::vector<std::size_t> resample(std::span<const double> weights, Resampling scheme,
                                  std::uint64_t seed);

// exp of each, divided by their sum; uniform where all are minus infinity.
std::vector<double> normalised(std::span<const double> log_weights);
// 1 / sum of squares of the normalised weights, in [1, n].
double effective_size(std::span<const double> log_weights);
double log_mean_exp(std::span<const double> logs);

struct ParticleOptions {
  int particles = 8;
  int depth = 40;  // rounds
  Potential potential = Potential::difference;
  double lambda = 10;
  Resampling resampling = Resampling::systematic;
  double ess = 0.5;  // of `particles`; 1: after every round
  std::uint64_t seed = 0;
};

class Particles : public Engine {
 public:
  // Borrows the tree. With a reference, a path from the root in the tree, it is conditional: the
  // first particle walks that path and outlives every resampling, which is multinomial for the
  // others. Andrieu, Doucet, Holenstein 2010, "Particle Markov chain Monte Carlo methods".
  Particles(Tree& tree, ParticleOptions options, std::vector<Tree::Index> reference = {});
  std::optional<Expansion> ask() override;
  void tell(const Expansion& expansion, std::span<const Tree::Index> children) override;

  struct Particle {
    Tree::Index node = Tree::kRoot;
    double log_weight = 0;
    double highest = 0, sum = 0, last = 0;  // of the rewards on its way
    double potentials = 0;                  // log of those used so far on its way
    bool finished = false;
  };
  const std::vector<Particle>& particles() const { return particles_; }
  // As search::outcome; `weighted` votes by the particles' weights, `majority` by particles.
  Outcome outcome(const Problem& problem, Choose choose);
  double log_evidence() const;  // log Z, as far as the search has come

 private:
  void weigh(Particle& particle);
  void follow_reference();
  std::vector<std::size_t> ancestors(std::span<const double> weights) const;
  void close_round();

  Tree& tree_;
  const ParticleOptions options_;
  const std::vector<Tree::Index> reference_;
  std::vector<Particle> particles_;
  std::map<std::pair<Tree::Index, int>, std::size_t> in_flight_;  // the particle of an expansion
  std::vector<Tree::Index> left_;        // nodes that particles moved on from in this round
  std::vector<std::uint32_t> ordinals_;  // [nodes]; children asked for
  std::size_t next_ = 0;                 // particle to ask for
  int round_ = 0;
  double log_evidence_ = 0;
};

// Particle Gibbs: sweeps of conditional sequential Monte Carlo, each with a trace drawn from the
// last one's particles by weight as its reference. Leaves p(trace) * exp(lambda * r) invariant,
// however few the particles; one sweep is Particles. Andrieu et al. 2010; for reasoning, Puri et
// al. 2025, arXiv:2502.01618, section 4.3. Pinned by tests/search/particle_gibbs_test.cc.
class ParticleGibbs : public Engine {
 public:
  // Borrows the tree. `reference`: of the first sweep; empty: that is unconditional.
  ParticleGibbs(Tree& tree, ParticleOptions options, int sweeps,
                std::vector<Tree::Index> reference = {});
  std::optional<Expansion> ask() override;
  void tell(const Expansion& expansion, std::span<const Tree::Index> children) override;

  // The node drawn after each sweep that has ended.
  const std::vector<Tree::Index>& drawn() const { return drawn_; }
  // As Particles::outcome, over the particles of all sweeps.
  Outcome outcome(const Problem& problem, Choose choose);

 private:
  void end_sweep();

  Tree& tree_;
  const ParticleOptions options_;
  const int sweeps_;
  std::optional<Particles> sweep_;
  std::vector<Tree::Index> drawn_;
  std::vector<std::pair<Tree::Index, float>> votes_;  // particles and weights of ended sweeps
  int in_flight_ = 0;
};

}  // namespace cairn::search
