// Judges made of others.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

#include "cairn/error.h"
#include "cairn/written.h"
#include "judge/registry.h"

namespace cairn::judge {
namespace {

using Judges = std::vector<std::unique_ptr<Judge>>;

Judges make_all(const std::vector<std::string>& written, const JudgeMeans& means) {
  Judges judges;
  for (const std::string& one : written) judges.push_back(make_judge(one, means));
  return judges;
}

// The judges of an option, at least two.
std::vector<std::string> at_least_two(const std::string& name, const std::string& judges) {
  std::vector<std::string> list = read_sum(name, judges);
  if (list.size() < 2)
    throw Error(Fault::input, name, fmt::format("\"{}\" names fewer than two judges", judges),
                "Write judges=NAME+NAME");
  return list;
}

std::vector<float> read_weights(const std::string& text, std::size_t judges) {
  std::vector<float> weights;
  for (std::string_view rest = text; !text.empty();) {
    const auto plus = rest.find('+');
    const std::string_view part = rest.substr(0, plus);
    float weight = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), weight);
    if (error != std::errc() || end != part.data() + part.size() || !(weight > 0))
      throw Error(Fault::input, "weighted", fmt::format("\"{}\" is no weight above 0", part),
                  "Write weights=2+1");
    weights.push_back(weight);
    if (plus == std::string_view::npos) break;
    rest.remove_prefix(plus + 1);
  }
  if (text.empty()) weights.assign(judges, 1);
  if (weights.size() != judges)
    throw Error(Fault::input, "weighted",
                fmt::format("{} weights for {} judges", weights.size(), judges),
                "Give one weight a judge");
  return weights;
}

// The process rewards of those judges that give some are combined where all of them do.
template <class F>
Verdict combined(const std::vector<const Verdict*>& parts, F combine) {
  Verdict out;
  std::vector<float> rewards;
  for (const Verdict* part : parts) rewards.push_back(part->outcome);
  out.outcome = combine(rewards);
  const std::size_t steps = parts.front()->process.size();
  for (const Verdict* part : parts)
    if (part->process.size() != steps) return out;
  for (std::size_t i = 0; i < steps; ++i) {
    rewards.clear();
    for (const Verdict* part : parts) rewards.push_back(part->process[i]);
    out.process.push_back(combine(rewards));
  }
  return out;
}

// ---- weighted: the weighted mean of several judges

struct Weighted {
  std::string judges = "logprob+self_certainty";
  std::string weights;
};

void describe(OptionSet& set, Weighted& o) {
  set.add("judges", o.judges, {}, "NAME+NAME(option=value): the judges whose rewards are added");
  set.add("weights", o.weights, {}, "one a judge, as 2+1; empty: all equal");
}

class WeightedJudge : public Judge {
 public:
  WeightedJudge(Judges judges, std::vector<float> weights)
      : judges_(std::move(judges)), weights_(std::move(weights)) {
    for (const float weight : weights_) total_ += weight;
  }
  std::string name() const override { return "weighted"; }

  asio::awaitable<std::vector<Verdict>> score(const Problem& problem, std::span<const Trace> traces,
                                              Budget& budget) override {
    std::vector<std::vector<Verdict>> all;
    for (const auto& judge : judges_) {
      std::vector<Verdict> verdicts = co_await judge->score(problem, traces, budget);
      all.push_back(std::move(verdicts));
    }
    std::vector<Verdict> out;
    for (std::size_t i = 0; i < traces.size(); ++i) {
      std::vector<const Verdict*> parts;
      for (const auto& verdicts : all) parts.push_back(&verdicts[i]);
      out.push_back(combined(parts, [this](const std::vector<float>& r) { return mean(r); }));
    }
    co_return out;
  }

 private:
  float mean(const std::vector<float>& rewards) const {
    float sum = 0;
    for (std::size_t i = 0; i < rewards.size(); ++i) sum += weights_[i] * rewards[i];
    return sum / total_;
  }

  const Judges judges_;
  const std::vector<float> weights_;
  float total_ = 0;
};

std::unique_ptr<Judge> make_weighted(const Weighted& options, const JudgeMeans& means) {
  const std::vector<std::string> names = at_least_two("weighted", options.judges);
  return std::make_unique<WeightedJudge>(make_all(names, means),
                                         read_weights(options.weights, names.size()));
}

// ---- veto and cascade: the dear judge sees only what the cheap ones leave open

struct Veto {
  std::string judges = "program_check+self_eval";
  float below = 0.25f;
};

void describe(OptionSet& set, Veto& o) {
  set.add("judges", o.judges, {},
          "NAME+NAME: all but the last may refuse, the last rates the rest");
  set.add("below", o.below, 0, 1, "an outcome reward below this is a refusal: 0 for the trace");
}

struct Cascade {
  std::string judges = "logprob+self_eval";
  float low = 0.25f, high = 0.75f;
};

void describe(OptionSet& set, Cascade& o) {
  set.add("judges", o.judges, {}, "NAME+NAME, the cheapest first");
  set.add("low", o.low, 0, 1, "a reward below this stands");
  set.add("high", o.high, 0, 1,
          "a reward above this stands; between the two the next judge is asked");
}

// Judges in a row: each is asked about the traces that the ones before it left open.
class RowOfJudges : public Judge {
 public:
  // The verdict that stands, if this one decides.
  using Decide = std::function<std::optional<Verdict>(const Verdict&)>;

  RowOfJudges(std::string name, Judges judges, Decide decide)
      : name_(std::move(name)), judges_(std::move(judges)), decide_(std::move(decide)) {}
  std::string name() const override { return name_; }

  asio::awaitable<std::vector<Verdict>> score(const Problem& problem, std::span<const Trace> traces,
                                              Budget& budget) override {
    std::vector<Verdict> verdicts(traces.size());
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < traces.size(); ++i) open.push_back(i);
    for (const auto& judge : judges_) {
      std::vector<Trace> asked;
      for (const std::size_t i : open) asked.push_back(traces[i]);
      if (asked.empty()) break;
      std::vector<Verdict> said = co_await judge->score(problem, asked, budget);
      std::vector<std::size_t> still_open;
      const bool last = judge == judges_.back();  // its word stands as it is
      for (std::size_t k = 0; k < open.size(); ++k) {
        std::optional<Verdict> stands = last ? std::nullopt : decide_(said[k]);
        if (!stands) still_open.push_back(open[k]);
        verdicts[open[k]] = stands ? std::move(*stands) : std::move(said[k]);
      }
      open = std::move(still_open);
    }
    co_return verdicts;
  }

 private:
  const std::string name_;
  const Judges judges_;
  const Decide decide_;
};

std::unique_ptr<Judge> make_veto(const Veto& options, const JudgeMeans& means) {
  const auto decide = [below = options.below](const Verdict& said) {
    if (said.outcome >= below) return std::optional<Verdict>();
    Verdict refused = said;
    refused.outcome = 0;
    return std::optional(refused);
  };
  const std::vector<std::string> names = at_least_two("veto", options.judges);
  return std::make_unique<RowOfJudges>("veto", make_all(names, means), decide);
}

std::unique_ptr<Judge> make_cascade(const Cascade& options, const JudgeMeans& means) {
  if (options.low > options.high)
    throw Error(Fault::input, "cascade",
                fmt::format("low is {}, above high, {}", options.low, options.high),
                "Give a low that is at most high");
  const auto decide = [low = options.low, high = options.high](const Verdict& said) {
    const bool unsure = said.outcome >= low && said.outcome <= high;
    return unsure ? std::optional<Verdict>() : std::optional(said);
  };
  const std::vector<std::string> names = at_least_two("cascade", options.judges);
  return std::make_unique<RowOfJudges>("cascade", make_all(names, means), decide);
}

// An entry that checks the judges it is made of as well.
template <class Options>
Entry combined_entry(JudgeInfo info,
                     std::unique_ptr<Judge> (*make)(const Options&, const JudgeMeans&)) {
  Entry made = entry<Options>(std::move(info), make);
  made.check = [name = made.info.name](const Settings& settings) {
    Reads most = Reads::text;
    for (const std::string& one : at_least_two(name, assigned<Options>(name, settings).judges))
      most = std::max(most, check_judge(one));
    return most;
  };
  return made;
}

}  // namespace

std::vector<Entry> combined_judges() {
  return {
      combined_entry<Cascade>(
          {"cascade", "cheap judges first, dear ones only where those are unsure", ""},
          make_cascade),
      combined_entry<Veto>(
          {"veto", "judges that may refuse a trace, and one that rates the rest", ""}, make_veto),
      combined_entry<Weighted>({"weighted", "the weighted mean of several judges", ""},
                               make_weighted)};
}

}  // namespace cairn::judge
