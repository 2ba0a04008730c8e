// The procedures of all families, and exercises by name.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/nearest.h"
#include "cairn/error.h"
#include "gym/families.h"

namespace cairn {
namespace gym {
namespace {

struct Family {
  std::string name;
  std::vector<Procedure> (*members)();
};

const std::vector<Family>& families() {
  static const std::vector<Family> all = {{"lists", lists},     {"machines", machines},
                                          {"numbers", numbers}, {"procbench", procbench},
                                          {"texts", texts},     {"worlds", worlds}};
  return all;
}

}  // namespace

std::string shown(const std::vector<int>& numbers) {
  return fmt::format("{}", fmt::join(numbers, " "));
}

Exercise made(std::string rules, std::string given, Lines steps, AnswerKind kind) {
  Exercise made;
  made.problem.question = fmt::format(
      "{}\n\n{}\n\nWrite each step on a line of its own, in the form that is shown, and nothing "
      "else.",
      rules, given);
  made.problem.answer = steps.back();
  made.problem.kind = kind;
  made.problem.extract = "text";  // the last line
  made.steps = std::move(steps);
  return made;
}

}  // namespace gym

const std::vector<Procedure>& procedures() {
  static const std::vector<Procedure> sorted = [] {
    std::vector<Procedure> all;
    for (const gym::Family& family : gym::families())
      for (Procedure procedure : family.members()) {
        procedure.family = family.name;
        all.push_back(std::move(procedure));
      }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return all;
  }();
  return sorted;
}

const Procedure& find_procedure(std::string_view name) {
  std::vector<std::string> names;
  for (const Procedure& procedure : procedures()) {
    if (procedure.name == name) return procedure;
    names.push_back(procedure.name);
  }
  throw Error(Fault::input, "gym", fmt::format("there is no procedure \"{}\"", name),
              base::did_you_mean(name, names));
}

Exercise exercise(std::string_view name, std::uint64_t seed, int difficulty) {
  const Procedure& procedure = find_procedure(name);
  if (difficulty < 1 || difficulty > kHardest)
    throw Error(Fault::input, "gym",
                fmt::format("difficulty {} is outside 1 to {}", difficulty, kHardest),
                "Give a difficulty inside the range");
  Exercise made =
      procedure.generate(mix(mix(seed, name), static_cast<std::uint64_t>(difficulty)), difficulty);
  made.problem.id = fmt::format("{}/{}/{}", name, difficulty, seed);
  return made;
}

Exercise exercise_of(std::string_view id) {
  const auto first = id.find('/'), second = id.find('/', first + 1);
  int difficulty = 0;
  std::uint64_t seed = 0;
  const auto read = [](std::string_view text, auto& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
  };
  if (first == std::string_view::npos || second == std::string_view::npos ||
      !read(id.substr(first + 1, second - first - 1), difficulty) ||
      !read(id.substr(second + 1), seed))
    throw Error(Fault::input, "gym", fmt::format("\"{}\" names no exercise", id),
                "Write NAME/DIFFICULTY/SEED, as `cairn gym sample` does");
  return exercise(id.substr(0, first), seed, difficulty);
}

}  // namespace cairn
