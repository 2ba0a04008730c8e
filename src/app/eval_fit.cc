#include "app/eval_fit.h"

#include <fmt/core.h>

#include <algorithm>

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

std::string routes_text(const Json& plan, const eval::Cases& cases, const eval::Fit& fit) {
  const eval::Interval& difference = fit.difference;
  const Json fitted_on{{"data", plan.at("data")},
                       {"data_hash", plan.at("data_hash")},
                       {"model", plan.at("model")},
                       {"fingerprint", plan.at("fingerprint")},
                       {"judge", plan.at("judge")},
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

int fit_auto(const std::string& run, const std::string& file, int probe) {
  const EvalFolder folder(run);
  const Json plan = folder.plan();
  const eval::AttemptFile attempts = eval::read_attempts(folder.attempts().string());
  for (const std::string& complaint : attempts.complaints)
    fmt::print(stderr, "{}\n", base::printable(complaint));
  const eval::Cases cases =
      eval::cases_of(attempts.attempts, probe, plan.at("judge").get<std::string>());
  const eval::Fit fit = eval::fit_auto(cases);
  write_file(file, routes_text(plan, cases, fit));
  print_fit(cases, fit);
  return attempts.complaints.empty() ? kOk : kSomeFailed;
}

}  // namespace cairn::app
