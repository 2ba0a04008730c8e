#pragma once
// tool/logic.h — a small form of first-order logic, one formula a line, as SMT-LIB 2 for a solver.
//
//   all x: cat(x) and hungry(x) -> not asleep(x)
//   cat(Tom)
//   some x: dog(x) and sees(Tom, x)
//   question: asleep(Tom)
//
// Lines before and after are premises; of each question it is asked whether it follows from them.
// From the strongest: not, and, or, xor, -> (to the right), <->; also = and != between things.
// After "all x, y:" and "some x:" a formula goes on to the end of its brackets; without the colon
// it is the next factor, as in "∀x (cat(x) → ¬asleep(x))". ∀ ∃ ¬ ∧ ∨ ⊕ → ↔ ≠ are read as well.
// A name that no quantifier binds is a thing. # starts a comment. Something exists; two names may
// name one thing.

#include <string>
#include <string_view>

namespace cairn::tool {

struct Logic {
  std::string smtlib;   // for each question two checks: of its negation, then of itself
  int questions = 0;    // 0: one check, of the premises alone
  std::string trouble;  // "line 3: …" when the text cannot be read; the rest is empty then
};

// `milliseconds` is the time of all checks together. At most 64 KiB and 100 levels of nesting;
// time linear in the length; never throws.
Logic read_logic(std::string_view text, int milliseconds);

}  // namespace cairn::tool
