// Grade-school mathematics over a graph of quantities, modulo 23. Ye et al. 2024 (iGSM),
// arXiv:2407.20311, section 2.
// Departs from the paper: our own things and texts; how many operations a problem has is drawn
// close to its difficulty, and templates are not held apart.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cairn/error.h"
#include "gym/families.h"
#include "gym/tasks.h"

namespace cairn::gym {
namespace {

constexpr int kModulus = 23;

// ---- quantities and what they depend on

// A quantity, a number, or the result of an earlier operation of the same formula.
struct Term {
  enum Kind { quantity, number, helper } kind = number;
  int value = 0;  // its index, the number itself, the operation's index
};

struct Operation {
  char op = '+';
  Term a, b;
};

// What a quantity is: the result of the last operation, or without one the term alone.
struct Formula {
  std::vector<Operation> operations;
  Term alone = {};
};

struct Quantity {
  std::string name;       // "Harbour School's Art Room"
  std::string statement;  // the sentence that says it; empty: nobody does, it is understood
  Formula formula;
  int value = 0;
};

// A problem: in the order of the list each quantity depends on earlier ones only.
struct Instance {
  std::vector<Quantity> quantities;
  std::vector<std::string> statements;  // in the order of the text
  int asked = 0;
};

int apply(char op, int a, int b) {
  const int result = op == '+' ? a + b : op == '-' ? a - b : a * b;
  return (result % kModulus + kModulus) % kModulus;
}

int worth(const Instance& of, const Term& term, const std::vector<int>& helpers) {
  if (term.kind == Term::number) return term.value;
  const auto at = static_cast<std::size_t>(term.value);
  return term.kind == Term::quantity ? of.quantities[at].value : helpers[at];
}

// The results of the operations, in order.
std::vector<int> results(const Instance& of, const Formula& formula) {
  std::vector<int> values;
  for (const Operation& step : formula.operations)
    values.push_back(apply(step.op, worth(of, step.a, values), worth(of, step.b, values)));
  return values;
}

std::set<int> needs(const Formula& formula) {
  std::set<int> all;
  const auto add = [&all](const Term& term) {
    if (term.kind == Term::quantity) all.insert(term.value);
  };
  add(formula.alone);
  for (const Operation& step : formula.operations) add(step.a), add(step.b);
  return all;
}

// The quantities without which the asked one cannot be found, itself among them.
std::set<int> necessary(const Instance& of, int asked) {
  std::set<int> all = {asked};
  for (auto at = all.rbegin(); at != all.rend(); ++at)  // what is added comes earlier
    for (const int other : needs(of.quantities[static_cast<std::size_t>(*at)].formula))
      all.insert(other);
  return all;
}

int operations_for(const Instance& of, int asked) {
  int count = 0;
  for (const int at : necessary(of, asked))
    count +=
        static_cast<int>(of.quantities[static_cast<std::size_t>(at)].formula.operations.size());
  return count;
}

// ---- drawing a problem

struct Layer {
  std::string holds;  // what the things of the next layer are
  std::vector<std::string> items;
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> all = {{"Room", {"Hill School", "Lake School", "Park School"}},
                                         {"Bag", {"Art Room", "Music Room", "Science Room"}},
                                         {"Tool", {"Red Satchel", "Blue Satchel", "Old Rucksack"}},
                                         {"", {"Ruler", "Pencil", "Brush"}}};
  return all;
}

// Which things a thing can hold, and the quantities made from that: "each Art Room's Brush", which
// the text states, and "each Art Room's Tool", the sum over all that follow from it.
class Drawing {
 public:
  Drawing(std::uint64_t seed, int difficulty)
      : draw_(seed),
        depth_(difficulty < 4   ? 2
               : difficulty < 8 ? 3
                                : 4) {}

  Instance instance() {
    draw_edges();
    std::vector<Edge> order = edges_;
    draw_.shuffle(order);
    for (const Edge& edge : order) {
      state(edge);
      while (add_sum()) {
      }
    }
    for (const Quantity& quantity : made_.quantities)
      if (!quantity.statement.empty()) made_.statements.push_back(quantity.statement);
    draw_.shuffle(made_.statements);
    return std::move(made_);
  }

 private:
  struct Edge {
    int layer, from, to;  // item `from` of the layer holds item `to` of the next
  };
  struct Key {
    int layer, item, to_layer, to;  // to -1: all of that layer
    auto operator<=>(const Key&) const = default;
  };

  const std::string& item(int layer, int index) const {
    return layers()[static_cast<std::size_t>(layer)].items[static_cast<std::size_t>(index)];
  }

  // Each thing holds one or more things of the next layer.
  void draw_edges() {
    for (int layer = 0; layer + 1 < depth_; ++layer)
      for (int from = 0; from < 3; ++from) {
        std::vector<int> to = {0, 1, 2};
        draw_.shuffle(to);
        to.resize(static_cast<std::size_t>(draw_.from(1, 3)));
        std::sort(to.begin(), to.end());
        for (const int one : to) edges_.push_back({layer, from, one});
      }
  }

  void add(Key key, Quantity quantity) {
    known_[key] = static_cast<int>(made_.quantities.size());
    const std::vector<int> values = results(made_, quantity.formula);
    quantity.value = values.empty() ? worth(made_, quantity.formula.alone, {}) : values.back();
    made_.quantities.push_back(std::move(quantity));
  }

  // A quantity that the text states, by a number or by earlier ones.
  void state(const Edge& edge) {
    Quantity quantity;
    quantity.name = item(edge.layer, edge.from) + "'s " + item(edge.layer + 1, edge.to);
    const std::string text = draw_formula(quantity.formula);
    quantity.statement = "The number of each " + quantity.name + " equals " + text + ".";
    add({edge.layer, edge.from, edge.layer + 1, edge.to}, std::move(quantity));
  }

  std::string each(int quantity) const {
    return "each " + made_.quantities[static_cast<std::size_t>(quantity)].name;
  }

  // "7 more than the sum of each A's B and each C's D"; the formula is written beside it.
  std::string draw_formula(Formula& formula) {
    const int count = static_cast<int>(made_.quantities.size());
    const int number = draw_.from(2, kModulus - 1);
    if (count < 2 || draw_.from(1, 4) == 1) {
      formula.alone = {Term::number, number};
      return std::to_string(number);
    }
    const int form = draw_.from(0, 2);
    std::string base = draw_base(formula);
    if (form == 0 && !formula.operations.empty()) return base;
    const Term rest = formula.operations.empty()
                          ? formula.alone
                          : Term{Term::helper, static_cast<int>(formula.operations.size()) - 1};
    formula.operations.push_back({form == 1 ? '*' : '+', {Term::number, number}, rest});
    return fmt::format("{} {} {}", number, form == 1 ? "times as much as" : "more than", base);
  }

  // One earlier quantity, the sum of two or three, or the difference of two.
  std::string draw_base(Formula& formula) {
    std::vector<int> others;
    for (int i = 0; i < static_cast<int>(made_.quantities.size()); ++i) others.push_back(i);
    draw_.shuffle(others);
    const int form = draw_.from(0, 3);
    const auto term = [&](std::size_t i) { return Term{Term::quantity, others[i]}; };
    if (form == 0) {
      formula.alone = term(0);
      return each(others[0]);
    }
    formula.operations.push_back({form == 1 ? '-' : '+', term(0), term(1)});
    if (form == 3 && others.size() > 2) {
      formula.operations.push_back({'+', {Term::helper, 0}, term(2)});
      return fmt::format("the sum of {}, {} and {}", each(others[0]), each(others[1]),
                         each(others[2]));
    }
    return fmt::format("the {} of {} and {}", form == 1 ? "difference" : "sum", each(others[0]),
                       each(others[1]));
  }

  // A sum whose parts are all known by now, one at a time; false when there is none.
  bool add_sum() {
    for (int layer = 0; layer + 1 < depth_; ++layer)
      for (int from = 0; from < 3; ++from)
        for (int to_layer = layer + 1; to_layer < depth_; ++to_layer) {
          const Key key{layer, from, to_layer, -1};
          Formula formula;
          if (known_.contains(key) || !sum_formula(key, formula)) continue;
          Quantity quantity;
          quantity.name =
              item(layer, from) + "'s " + layers()[static_cast<std::size_t>(to_layer - 1)].holds;
          quantity.formula = std::move(formula);
          add(key, std::move(quantity));
          return true;
        }
    return false;
  }

  // Over all that is held: its number, times what each of it holds where the layer is deeper.
  bool sum_formula(const Key& key, Formula& formula) const {
    std::vector<Term> parts;
    for (const Edge& edge : edges_) {
      if (edge.layer != key.layer || edge.from != key.item) continue;
      const auto number = known_.find({key.layer, key.item, key.layer + 1, edge.to});
      if (number == known_.end()) return false;
      Term part{Term::quantity, number->second};
      if (key.to_layer > key.layer + 1) {
        const auto inner = known_.find({key.layer + 1, edge.to, key.to_layer, -1});
        if (inner == known_.end()) return false;
        formula.operations.push_back({'*', part, {Term::quantity, inner->second}});
        part = {Term::helper, static_cast<int>(formula.operations.size()) - 1};
      }
      parts.push_back(part);
    }
    formula.alone = parts[0];
    for (std::size_t i = 1; i < parts.size(); ++i) {
      formula.operations.push_back({'+', i == 1 ? parts[0] : last(formula), parts[i]});
    }
    return true;
  }

  static Term last(const Formula& formula) {
    return {Term::helper, static_cast<int>(formula.operations.size()) - 1};
  }

  Draw draw_;
  const int depth_;
  std::vector<Edge> edges_;
  std::map<Key, int> known_;
  Instance made_;
};

// With a question that takes about twice as many operations as the difficulty says.
Instance draw_instance(std::uint64_t seed, int difficulty) {
  const int most = 2 * difficulty + 1, least = std::max(1, 2 * difficulty - 2);
  for (std::uint64_t attempt = 0;; ++attempt) {
    Instance made = Drawing(mix(seed, attempt), difficulty).instance();
    for (int at = static_cast<int>(made.quantities.size()) - 1; at >= 0; --at) {
      const int count = operations_for(made, at);
      if (count < least || count > most) continue;
      made.asked = at;
      return made;
    }
  }
}

std::string question_of(const Instance& of) {
  std::string text;
  for (const std::string& statement : of.statements) text += statement + " ";
  const std::string& name = of.quantities[static_cast<std::size_t>(of.asked)].name;
  return text + fmt::format("How many are each {}? Calculate modulo {}.", name, kModulus);
}

// ---- solutions

using Letters = std::map<int, std::string>;  // of the quantities that are defined

// "Define N as x; y = a + b = 3 + 5 = 8; so x = y * c = 8 * 4 = 9." The helpers are the letters of
// all operations but the last.
std::string sentence(const Instance& of, int which, const Letters& letters,
                     const std::string& letter, const std::vector<std::string>& helpers) {
  const Quantity& quantity = of.quantities[static_cast<std::size_t>(which)];
  const std::vector<Operation>& operations = quantity.formula.operations;
  const std::vector<int> values = results(of, quantity.formula);
  const auto named = [&](const Term& term) {
    return term.kind == Term::number     ? std::to_string(term.value)
           : term.kind == Term::quantity ? letters.at(term.value)
                                         : helpers[static_cast<std::size_t>(term.value)];
  };
  std::string text = fmt::format("Define {} as {}", quantity.name, letter);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Operation& step = operations[i];
    const bool final = i + 1 == operations.size();
    text += fmt::format("; {}{} = {} {} {} = {} {} {} = {}", final ? "so " : "",
                        final ? letter : helpers[i], named(step.a), step.op, named(step.b),
                        worth(of, step.a, values), step.op, worth(of, step.b, values), values[i]);
  }
  const Term& alone = quantity.formula.alone;
  if (operations.empty() && alone.kind == Term::quantity)
    text += fmt::format("; so {} = {} = {}", letter, named(alone), quantity.value);
  if (operations.empty() && alone.kind == Term::number)
    text += fmt::format("; so {} = {}", letter, quantity.value);
  return text + ".";
}

// a to z, then a1 to z1 and so on.
std::string letter_at(std::size_t index) {
  return std::string(1, static_cast<char>('a' + index % 26)) +
         (index < 26 ? "" : std::to_string(index / 26));
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 3 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }) && (text[0] < '0' || text[0] > '9');
}

// The parts of a text between the marks.
std::vector<std::string_view> split(std::string_view text, std::string_view mark) {
  std::vector<std::string_view> parts;
  for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark)) {
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + mark.size());
  }
  parts.push_back(text);
  return parts;
}

// Where a solution has got to.
struct Progress {
  Letters letters;
  std::set<std::string> used;  // names of quantities and helpers
};

// Takes a sentence; says what is wrong with it. The writer chooses the letters and the order.
std::string take(const Instance& of, std::string_view line, Progress& progress) {
  constexpr std::string_view kDefine = "Define ", kAs = " as ";
  const auto parts = split(line, "; ");
  const auto as = parts[0].rfind(kAs);
  if (as == std::string_view::npos) return "it does not say as what it defines";
  const std::string name(parts[0].substr(kDefine.size(), as - kDefine.size()));
  const std::string letter(parts[0].substr(as + kAs.size()));
  int which = -1;
  for (std::size_t i = 0; i < of.quantities.size(); ++i)
    if (of.quantities[i].name == name) which = static_cast<int>(i);
  if (which < 0) return "there is no " + name;
  if (progress.letters.contains(which)) return name + " is defined already";
  if (!necessary(of, of.asked).contains(which)) return name + " is not needed";
  const Formula& formula = of.quantities[static_cast<std::size_t>(which)].formula;
  for (const int other : needs(formula))
    if (!progress.letters.contains(other))
      return of.quantities[static_cast<std::size_t>(other)].name + " is not defined yet";
  std::vector<std::string> helpers;
  for (std::size_t i = 1; i + 1 < parts.size(); ++i)
    helpers.emplace_back(parts[i].substr(0, parts[i].find(" = ")));
  if (helpers.size() + 1 != std::max<std::size_t>(1, formula.operations.size()))
    return name + " takes another number of operations";
  std::vector<std::string> fresh = helpers;
  fresh.push_back(letter);
  for (const std::string& one : fresh)
    if (!is_name(one) || !progress.used.insert(one).second) return one + " is no new letter";
  const std::string right = sentence(of, which, progress.letters, letter, helpers);
  if (text_of_state(line) != text_of_state(right)) return "it should be: " + right;
  progress.letters[which] = letter;
  return {};
}

// Defines a quantity, with the first letters that are free.
std::string define(const Instance& of, int which, Progress& progress) {
  std::size_t letters = 0;
  const auto next = [&] {
    std::string letter = letter_at(letters++);
    while (!progress.used.insert(letter).second) letter = letter_at(letters++);
    return letter;
  };
  std::vector<std::string> helpers;
  const auto& operations = of.quantities[static_cast<std::size_t>(which)].formula.operations;
  const std::string letter = next();
  while (helpers.size() + 1 < operations.size()) helpers.push_back(next());
  std::string text = sentence(of, which, progress.letters, letter, helpers);
  progress.letters[which] = letter;
  return text;
}

class Igsm : public Task {
 public:
  std::string name() const override { return "igsm"; }
  std::string prompt() const override { return "task/igsm"; }

  TaskState read(const Problem& problem, std::string_view text) const override {
    const Instance of = instance_of(problem);
    Progress progress;
    return play(of, text, progress);
  }

  bool solves(const Problem& problem, std::string_view answer) const override {
    return answer == answer_of(instance_of(problem));
  }

  std::optional<std::vector<std::string>> solution(const Problem& problem,
                                                   std::string_view text) const override {
    const Instance of = instance_of(problem);
    Progress progress;
    if (!play(of, text, progress).broken.empty()) return {};
    std::vector<std::string> lines;
    for (const int which : necessary(of, of.asked))
      if (!progress.letters.contains(which)) lines.push_back(define(of, which, progress));
    return lines;
  }

  // Each with the next letters that are free.
  std::vector<std::string> moves(const Problem& problem, std::string_view text) const override {
    const Instance of = instance_of(problem);
    Progress progress;
    if (play(of, text, progress).over) return {};
    std::vector<std::string> lines;
    for (const int which : necessary(of, of.asked)) {
      if (progress.letters.contains(which)) continue;
      const std::set<int> others = needs(of.quantities[static_cast<std::size_t>(which)].formula);
      const bool ready = std::all_of(others.begin(), others.end(),
                                     [&](int other) { return progress.letters.contains(other); });
      if (!ready) continue;
      Progress then = progress;
      lines.push_back(define(of, which, then));
    }
    return lines;
  }

  Problem draw(std::uint64_t seed, int difficulty) const override {
    Problem problem;
    problem.question = question_of(draw_instance(seed, difficulty));
    return problem;
  }

 private:
  // The id says from what the problem was drawn.
  static Instance instance_of(const Problem& problem) {
    const ExerciseName name = exercise_name(problem.id);
    Instance of = draw_instance(name.drawn_from(), name.difficulty);
    if (question_of(of) != problem.question)
      throw Error(Fault::input, "igsm", "the question of " + problem.id + " is another one",
                  "Take problems as `cairn gym export igsm` writes them");
    return of;
  }

  static std::string answer_of(const Instance& of) {
    return std::to_string(of.quantities[static_cast<std::size_t>(of.asked)].value);
  }

  static TaskState play(const Instance& of, std::string_view text, Progress& progress) {
    TaskState state;
    const std::size_t all = necessary(of, of.asked).size();
    for (const std::string_view line : lines_of(text)) {
      if (!line.starts_with("Define ")) continue;
      state.broken = take(of, line, progress);
      state.over = !state.broken.empty();
      if (state.over) return state;
      ++state.moves;
      state.over = progress.letters.contains(of.asked);
      if (state.over) break;
    }
    const std::size_t left = all - progress.letters.size();
    state.value = 1.0f / static_cast<float>(1 + left);
    if (state.over) state.answer = answer_of(of);
    return state;
  }
};

}  // namespace

const Task& igsm() {
  static const Igsm task;
  return task;
}

}  // namespace cairn::gym
