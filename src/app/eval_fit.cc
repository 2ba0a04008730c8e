#include "app/eval_fit.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "app/cli.h"
#include "app/eval_folder.h"
#include "base/text.h"
#include "eval/fit_auto.h"

namespace cairn::app {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const eval::MeanPayoff& estimate) {
  return {{"accuracy", estimate.accuracy}, {"generated_tokens", estimate.tokens}};
}

// The runs that a tree is fitted on, as one.
struct Runs {
  std::vector<Json> plans;
  std::vector<eval::Attempt> attempts;  // the questions' ids are the runs' own
  std::vector<std::string> complaints;
};

std::set<eval::Arm> arms_of(const std::vector<eval::Attempt>& attempts) {
  std::set<eval::Arm> arms;
  for (const eval::Attempt& attempt : attempts) arms.insert(attempt.arm);
  return arms;
}

void require_alike(const std::string& run, const std::string& first, bool alike,
                   std::string_view what) {
  if (!alike)
    throw Error(Fault::input, "--fit-auto",
                fmt::format("{} and {} are not of the same {}", base::printable(run),
                            base::printable(first), what),
                "Fit on runs of one model and judge, with the same recipes and budgets");
}

Runs read_runs(const std::vector<std::string>& folders) {
  Runs runs;
  std::set<eval::Arm> arms;
  for (const std::string& run : folders) {
    const EvalFolder folder(run);
    eval::AttemptFile file = eval::read_attempts(folder.attempts().string());
    runs.plans.push_back(folder.plan());
    if (runs.plans.size() == 1) arms = arms_of(file.attempts);
    const Json &plan = runs.plans.back(), &first = runs.plans.front();
    require_alike(run, folders[0], plan.at("fingerprint") == first.at("fingerprint"), "model");
    require_alike(run, folders[0], plan.at("judge") == first.at("judge"), "judge");
    require_alike(run, folders[0], arms_of(file.attempts) == arms, "arms");
    for (eval::Attempt& attempt : file.attempts) {
      attempt.problem = fmt::format("{}/{}", runs.plans.size(), attempt.problem);
      runs.attempts.push_back(std::move(attempt));
    }
    std::move(file.complaints.begin(), file.complaints.end(), std::back_inserter(runs.complaints));
  }
  return runs;
}

std::string routes_text(const std::vector<Json>& plans, const eval::Cases& cases,
                        const eval::Fit& fit) {
  const eval::Interval& difference = fit.difference;
  Json data = Json::array();
  for (const Json& plan : plans)
    data.push_back({{"file", plan.at("data")}, {"hash", plan.at("data_hash")}});
  const Json fitted_on{{"data", data},
                       {"model", plans[0].at("model")},
                       {"fingerprint", plans[0].at("fingerprint")},
                       {"judge", plans[0].at("judge")},
                       {"attempts", cases.all.size()},
                       {"actions", cases.actions},
                       {"price", fit.price},
                       {"cross_validated", json_of(fit.plan)},
                       {"best_fixed", eval::name_of(cases.fixed[fit.best].arm)},
                       {"best_fixed_is", json_of(fit.fixed)},
                       {"difference", {difference.low, difference.high}}};
  const Json routes{{"fitted_on", fitted_on},
                    {"probe", cases.probe},
                    {"tree", Json::parse(eval::tree_json(fit.tree))}};
  return routes.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void print_row(const std::string& name, const eval::MeanPayoff& estimate) {
  fmt::print("| {} | {:.1f} % | {:.0f} |\n", base::printable(name), 100 * estimate.accuracy,
             estimate.tokens);
}

void print_fit(const eval::Cases& cases, const eval::Fit& fit) {
  fmt::print("{} attempts, actions:", cases.all.size());
  for (const std::string& action : cases.actions) fmt::print(" {}", base::printable(action));
  fmt::print("\n\n| arm | accuracy | generated |\n| --- | ---: | ---: |\n");
  for (const eval::Cases::Fixed& fixed : cases.fixed)
    print_row(eval::name_of(fixed.arm), eval::mean_of(fixed.payoffs));
  print_row("auto, cross-validated", fit.plan);
  fmt::print("\nauto - {}: {:+.1f} to {:+.1f} % (95 %)\n",
             base::printable(eval::name_of(cases.fixed[fit.best].arm)), 100 * fit.difference.low,
             100 * fit.difference.high);
}

}  // namespace

int fit_auto(const std::vector<std::string>& folders, const std::string& file, int probe) {
  const Runs runs = read_runs(folders);
  for (const std::string& complaint : runs.complaints)
    fmt::print(stderr, "{}\n", base::printable(complaint));
  const eval::Cases cases =
      eval::cases_of(runs.attempts, probe, runs.plans[0].at("judge").get<std::string>());
  const eval::Fit fit = eval::fit_auto(cases);
  write_file(file, routes_text(runs.plans, cases, fit));
  print_fit(cases, fit);
  return runs.complaints.empty() ? kOk : kSomeFailed;
}

}  // namespace cairn::app
