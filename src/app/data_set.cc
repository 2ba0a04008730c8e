#include "app/data_set.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>

#include "app/result_json.h"
#include "cairn/error.h"

namespace cairn::app {

using nlohmann::json;

// What an adapter works on.
struct Line {
  Problem& problem;
  const json& meta;
  const json& steps;
  const std::string& path;
  std::map<std::string, Facts>& bases;
};

struct SetInfo {
  std::string_view name;
  AnswerKind kind = AnswerKind::automatic;
  std::string_view ask = {};           // a line below the question
  void (*adapt)(Line line) = nullptr;  // what else it takes
  std::string_view task = {};
  bool chains = false;            // lines with labelled steps are questions about them
  std::string_view refused = {};  // why no rule says which answers are right; empty: one does
};

namespace {

std::string at(const json& meta, const char* key) {
  return meta.at(key).get<std::string>();
}

void ask(Problem& problem, std::string_view what) {
  problem.question += fmt::format("\n{}", what);
}

[[noreturn]] void cannot_be_asked(const Line& line, const std::string& why) {
  throw Error(Fault::input, line.path, why, "Such lines are left out");
}

// ---- the sets that take more than a kind and a line

// Options stand in the question too. Where a label is its text, "Yes", there are no letters.
void bbh(Line line) {
  Problem& problem = line.problem;
  const std::string task = at(line.meta, "task");
  const bool letters = !problem.choices.empty() && problem.choices[0].label.size() == 1;
  if (letters) {
    problem.question.erase(
        std::min(problem.question.find("\nOptions:\n"), problem.question.size()));
    return;
  }
  problem.choices.clear();
  const bool number = task == "multistep_arithmetic_two" || task == "object_counting";
  problem.kind = number ? AnswerKind::number : AnswerKind::text;
  if (task == "boolean_expressions") ask(problem, "Answer True or False.");
  if (task == "sports_understanding" || task == "web_of_lies") ask(problem, "Answer yes or no.");
  if (task == "word_sorting") ask(problem, "Write the words in order, with blanks between them.");
  if (task == "dyck_languages")
    ask(problem, "Write what is missing, with blanks between the signs.");
}

// Numbers, but for names, times, ratios and several numbers.
void asdiv(Line line) {
  Problem& problem = line.problem;
  const std::string answer = problem.answer.value_or("");
  if (answer.find(';') != std::string::npos) {
    problem.kind = AnswerKind::set;
    ask(problem, "Answer with the numbers, with commas between them.");
  } else if (answer.find_first_not_of("0123456789.-/") == std::string::npos) {
    problem.kind = AnswerKind::number;
  } else if (answer.find('(') != std::string::npos) {
    problem.kind = AnswerKind::math;
  } else {
    problem.kind = AnswerKind::text;
    ask(problem, at(line.meta, "type") == "Ratio" ? "Write the ratio as in 2:3."
                                                  : "Answer with a name, a few words or a time.");
  }
}

void babi(Line line) {
  constexpr int kCarried = 8, kPath = 19;
  const int task = line.meta.at("task").get<int>();
  if (task == kCarried) {
    line.problem.kind = AnswerKind::set;
    ask(line.problem, "Answer with all of them, with commas between, or with nothing.");
  } else if (task == kPath) {
    line.problem.kind = AnswerKind::list;
    ask(line.problem, "Answer with n, s, e and w for the directions, with commas between.");
  } else {
    ask(line.problem, "Answer with one word.");
  }
}

// The function's head stands before the program: of a model that writes the whole function anew the
// later one counts, one that writes the body alone goes on with it, as the gold answer does.
void humaneval(Line line) {
  line.problem.prelude = line.problem.question;
  line.problem.tests =
      fmt::format("{}\ncheck({})\n", at(line.meta, "test"), at(line.meta, "entry_point"));
}

void mbpp(Line line) {
  Problem& problem = line.problem;
  std::string tests;
  for (const json& test : line.meta.at("tests")) tests += test.get<std::string>() + "\n";
  problem.tests = at(line.meta, "setup") + "\n" + tests;
  ask(problem, "Your code should pass these tests:\n" + tests);
}

// 25 letters, row by row.
void crossword(Line line) {
  std::string words;
  for (const json& word : line.meta.at("horizontal_words"))
    words += (words.empty() ? "" : ", ") + word.get<std::string>();
  line.problem.answer = words;
}

void show_solution(Line line) {
  line.problem.question += "\n\nA solution:";
  for (std::size_t i = 0; i < line.steps.size(); ++i)
    line.problem.question +=
        fmt::format("\nStep {}: {}", i + 1, line.steps.at(i).get<std::string>());
  line.problem.question += "\n";
}

// Solving, and judging a solution or whether there is one.
void mathcheck(Line line) {
  Problem& problem = line.problem;
  const std::string task = at(line.meta, "task_type");
  if (task == "solving") return;
  if (task == "process_judging" || task == "outcome_judging") show_solution(line);
  if (task == "process_judging") return ask(problem, "Which step is the first that is wrong?");
  problem.kind = AnswerKind::text;
  if (task == "outcome_judging")
    ask(problem, "Is the solution right? Write Correct or Incorrect.");
  else if (task == "answerable_judging")
    ask(problem, "Can this be answered from what is said? Write Answerable or Unanswerable.");
  else
    cannot_be_asked(line, fmt::format("{} is no task that is known", task));
}

std::string words_of(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

const Facts& base_of(Line line, const std::string& name) {
  const auto [base, added] = line.bases.try_emplace(name);
  if (!added) return base->second;
  std::ifstream file(std::filesystem::path(line.path).parent_path() / name);
  if (!file) cannot_be_asked(line, fmt::format("{} is not beside it", name));
  for (std::string text; std::getline(file, text);) {
    const json fact = json::parse(text);
    base->second[at(fact, "s")].emplace_back(at(fact, "r"), at(fact, "o"));
  }
  return base->second;
}

// All that the knowledge base says within as many hops as the question takes.
void path_question(Line line) {
  const int hops = line.meta.at("hops").get<int>();
  const Facts& facts = base_of(line, fmt::format("kb_{}h.jsonl", hops));
  std::vector<std::string> reached{line.meta.at("path").at(0).at(0).get<std::string>()};
  std::set<std::string> seen(reached.begin(), reached.end());
  std::string context;
  for (int hop = 0; hop < hops; ++hop) {
    std::vector<std::string> next;
    for (const std::string& subject : reached)
      if (const auto found = facts.find(subject); found != facts.end())
        for (const auto& [relation, object] : found->second) {
          context += fmt::format("{} -> {} -> {}\n", subject, relation, object);
          if (seen.insert(object).second) next.push_back(object);
        }
    reached = std::move(next);
  }
  Problem& problem = line.problem;
  problem.question = words_of(context + "\n" + problem.question);
  problem.answer = words_of(problem.answer.value_or(""));
  for (const json& other : line.meta.at("answer_set"))
    problem.alternatives.push_back(words_of(other.get<std::string>()));
}

constexpr std::string_view kProgram = "Write the whole function in one block, ```python.";
constexpr std::string_view kYesNo = "Answer yes or no.";
constexpr auto kNumber = AnswerKind::number;
constexpr auto kText = AnswerKind::text;
constexpr auto kList = AnswerKind::list;
constexpr auto kCode = AnswerKind::code;

constexpr std::array kSets{
    SetInfo{"addsub", kNumber},
    SetInfo{"asdiv", kNumber, "", asdiv},
    SetInfo{"babi", kText, "", babi},
    SetInfo{"bbh", AnswerKind::automatic, "", bbh},
    SetInfo{"blocksworld", AnswerKind::automatic, "", nullptr, "blocksworld"},
    SetInfo{"breakpoint_samples", kText, "Answer yes, no or maybe."},
    SetInfo{"carp_en", AnswerKind::math},
    SetInfo{"clutrr", kText, "Answer with one word, what kind of relative it is."},
    SetInfo{"coin_flip", kText, kYesNo},
    SetInfo{"commaqa_e", AnswerKind::set, "Answer with all of them, with commas between."},
    SetInfo{"drop_decomp", AnswerKind::automatic,
            "Answer with a number or with words of the text."},
    SetInfo{"game24", AnswerKind::automatic, "", nullptr, "game24"},
    SetInfo{"gsm8k", kNumber},
    SetInfo{"gsm_hard", kNumber},
    SetInfo{"hotpotqa_small", kText, "Answer with as few words as will do."},
    SetInfo{"humaneval", kCode, kProgram, humaneval},
    SetInfo{"inductive", kList, "Answer with a JSON list of the outputs, in order."},
    SetInfo{"last_letters", kText},
    SetInfo{"logicgame", kList},
    SetInfo{"math", AnswerKind::math},
    SetInfo{"mathcheck_gsm", kNumber, "", mathcheck, "", /*chains=*/true},
    SetInfo{"mbpp", kCode, kProgram, mbpp},
    SetInfo{"mini_crosswords", kList,
            "Fill a grid of 5 by 5 letters. Answer with its five rows, the horizontal words, with "
            "commas between.",
            crossword},
    SetInfo{"multiarith", kNumber},
    SetInfo{"path_question", kText, "Answer with the last name alone.", path_question},
    SetInfo{"prontoqa", kText, "Answer True or False."},
    SetInfo{"prosqa", kText, "Answer with the whole sentence that is true."},
    SetInfo{"singleeq", kNumber},
    SetInfo{"strategyqa", kText, kYesNo},
    SetInfo{"svamp", kNumber},
    SetInfo{"ultratool_planning", kText, "", nullptr, "", false,
            "its answers are plans in free words, and no rule says which other plan is as good"},
};

const SetInfo* set_of(const std::string& path) {
  std::error_code ignored;
  const std::string folder =
      std::filesystem::absolute(path, ignored).lexically_normal().parent_path().filename().string();
  const auto found = std::find_if(kSets.begin(), kSets.end(),
                                  [&](const SetInfo& set) { return set.name == folder; });
  return found == kSets.end() ? nullptr : found;
}

// {"text", "propositions", "outputs"}: what is to be believed after what was told so far
// (breakpoint modelling). One question for each proposition; ids repeat, so lines are counted.
std::vector<json> propositions(const json& line, const std::string& where) {
  std::vector<json> all;
  for (std::size_t i = 0; i < line.at("propositions").size(); ++i)
    all.push_back({{"id", fmt::format("{} {}", where.substr(where.rfind(' ') + 1), i)},
                   {"question", at(line, "text") + "\nIs this so? " +
                                    line.at("propositions").at(i).get<std::string>()},
                   {"answer", line.at("outputs").at(i)}});
  return all;
}

}  // namespace

std::vector<std::string> data_set_names() {
  std::vector<std::string> names;
  for (const SetInfo& set : kSets)
    if (set.refused.empty()) names.emplace_back(set.name);
  return names;
}

DataSet::DataSet(std::string path) : path_(std::move(path)), set_(set_of(path_)) {
  if (set_ && !set_->refused.empty())
    throw Error(Fault::input, path_, std::string(set_->refused), "Choose another set");
}

std::string DataSet::task() const {
  return set_ ? std::string(set_->task) : "";
}

bool DataSet::asks_about_chains() const {
  return set_ && set_->chains;
}

std::vector<Problem> DataSet::asked(const std::string& where, const json& line) {
  Problem problem = problem_from_json(where, line);
  if (!set_) return {problem};
  if (!line.contains("kind")) problem.kind = set_->kind;
  if (set_->adapt)
    set_->adapt({problem, line.value("meta", json::object()), line.value("steps", json::array()),
                 path_, bases_});
  if (!set_->ask.empty()) ask(problem, set_->ask);
  return {problem};
}

std::vector<Problem> DataSet::read(const std::string& where, const json& line) {
  try {
    if (!line.is_object() || !line.contains("propositions")) return asked(where, line);
    std::vector<Problem> all;
    for (const json& one : propositions(line, where)) all.push_back(asked(where, one).at(0));
    return all;
  } catch (const json::exception& error) {
    throw Error(Fault::input, where, fmt::format("it is not as its set has it: {}", error.what()),
                "Compare it with another line of the set");
  }
}

}  // namespace cairn::app
