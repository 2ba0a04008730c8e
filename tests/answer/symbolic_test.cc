// Computer algebra: what it proves, what it leaves open, and what it does not begin.

#include "answer/symbolic.h"

#include <gtest/gtest.h>

namespace cairn::answer {
namespace {

std::optional<bool> same(const std::string& a, const std::string& b,
                         const base::Names& positive = {}) {
  const auto x = base::parse_expression(a), y = base::parse_expression(b);
  EXPECT_TRUE(x && y) << a << " | " << b;
  if (!x || !y) return {};
  const std::optional<bool> said = same_symbolically(*x, *y, positive);
  EXPECT_EQ(said, same_symbolically(*y, *x, positive)) << a << " | " << b;
  return said;
}

TEST(SymbolicTest, WhatIsProven) {
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{
           {"(x+1)^{20}(x-1)^{20}", "(x^2-1)^{20}"},
           {"\\frac{x^2-1}{x-1}", "x+1"},
           {"\\frac{1}{x-y}", "-\\frac{1}{y-x}"},
           {"\\frac{1}{\\sqrt{2}}", "\\frac{\\sqrt{2}}{2}"},
           {"\\sqrt{12}", "2\\sqrt{3}"},
           {"\\sqrt{\\frac{8}{27}}", "\\frac{2\\sqrt{6}}{9}"},
           {"\\sqrt[3]{54}", "3\\sqrt[3]{2}"},
           {"(\\sqrt{2}+\\sqrt{3})^2", "5+2\\sqrt{6}"},
           {"\\log_2 8", "3"},
           {"1.5e3", "1500"},
           {"\\frac{\\log 27}{\\log 3}", "3"},
           {"\\ln 12", "\\ln 3 + 2\\ln 2"},
           {"e^{i\\pi}", "-1"},
           {"\\sqrt{-4}", "2i"},
           {"(1+i)^2", "2i"},
           {"\\sin\\frac{\\pi}{6}", "\\frac{1}{2}"},
           {"\\tan x", "\\frac{\\sin x}{\\cos x}"},
           {"10!", "3628800"},
           {"0.5x", "\\frac{x}{2}"},
           {"2^{5000}", "4^{2500}"},
           {"12345678901234567890", "12345678901234567889 + 1"}})
    EXPECT_EQ(same(a, b), true) << a << " | " << b;
}

TEST(SymbolicTest, WhatIsDifferentForSure) {
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{
           {"x", "x + 10^{-30}"},
           {"12345678901234567890 x", "12345678901234567891 x"},
           {"\\frac{1}{x}", "\\frac{1}{y}"},
           {"\\pi", "\\frac{22}{7}"},
           {"3-4i", "3+4i"}})
    EXPECT_EQ(same(a, b), false) << a << " | " << b;
}

// Roots, functions and decimals that do not cancel may still be equal, or nearly so.
TEST(SymbolicTest, WhatIsLeftOpen) {
  for (const auto& [a, b] :
       std::vector<std::pair<std::string, std::string>>{{"\\sin^2 x + \\cos^2 x", "1"},
                                                        {"1.414", "\\sqrt{2}"},
                                                        {"0.33", "\\frac{1}{3}"},
                                                        {"|x|", "x"},
                                                        {"\\sqrt{x^2}", "x"},
                                                        {"30^\\circ", "30"},
                                                        {"\\sqrt[3]{-8}", "-2"}})
    EXPECT_EQ(same(a, b), std::nullopt) << a << " | " << b;
}

TEST(SymbolicTest, WhatIsPositiveHasItsRoot) {
  EXPECT_EQ(same("\\sqrt{x^2}", "x", {"x"}), true);
  EXPECT_EQ(same("\\sqrt{x^2}", "|x|", {"x"}), true);
}

// Each would be more than the limits allow; the first would have 2 million terms.
TEST(SymbolicTest, WhatWouldTakeLongIsNotBegun) {
  for (const std::string large :
       {"(x+y+z+w+v)^{80}", "((((x+1)^9+1)^9+1)^9+1)^9", "2^{100000}", "2^{2^{2^{2^{2^2}}}}",
        "x^{1000}", "900!", "(1000000!)", "x^{10^{30}}", "\\sqrt{10^{300}}", "\\frac{1}{x-x}",
        "\\frac{1}{(x+y+z)^{200}}", "\\ln 0", "1e99999990999", "1.5E-99999999999999999999",
        "(\\sqrt{x+y+z+w+v})^{160}", "|||2^{400}|^{400}|^{400}|^{400}",
        "\\exp(\\ln(x+y+z+w+v))^{80}"})
    EXPECT_EQ(same(large, "w"), std::nullopt) << large;
}

}  // namespace
}  // namespace cairn::answer
