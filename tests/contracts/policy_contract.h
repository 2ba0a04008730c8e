#pragma once
// contracts/policy_contract.h — what every Policy keeps, whatever proposes the steps.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "cairn/budget.h"
#include "cairn/policy.h"

namespace cairn::contracts {

struct PolicyFactory {
  std::string name;
  // A fresh policy that spends from `budget`; its traces end after at least two steps.
  std::function<std::shared_ptr<Policy>(Budget& budget)> make;
};

inline void PrintTo(const PolicyFactory& factory, std::ostream* out) {
  *out << factory.name;
}

class PolicyContract : public testing::TestWithParam<PolicyFactory> {
 protected:
  std::shared_ptr<Policy> fresh() { return GetParam().make(budget_); }

  const Problem problem_{.id = "toy/clips", .question = "48 clips, then half as many. Altogether?"};
  Budget budget_;
};

}  // namespace cairn::contracts
