#pragma once
// judge/preset.h — how a process reward model wants to be asked. A preset is data:
// prompts/judge/NAME.json, or a user's own file of the same form.
//
//   tags      plain text: {"form": "tags", "begin": "{question} ", "step": "{step} ки", "between":
//             "\n", "good": ["+"], "bad": ["-"]}; the labels' probabilities are read behind each
//             step
//   turns     a conversation in which every step is a turn of the user, and the reply to each is
//             the label: {"form": "turns", "system": …, "first": "{question} {step}", "next":
//             "{step}", "reply": "+", "good": …, "bad": …}
//   question  an instruction about the last step: {"form": "question", "turns": [{"role": "user",
//             "content": "… {question} … {solution} …"}, …], …}; {solution} is all steps up to the
//             one asked about. A last turn of the assistant is a prefill.
//   outcome   the same about the whole trace; no process rewards
//
// "good" and "bad" are labels: texts of one token each, or, with "labels": "classes", classes of
// the model's classification head, which reads the same text.
//
// Every text may be a string or a list of lines. "aggregate": how the steps' rewards become one
// (cairn/fold.h; min where it is not said). "about" and "paper" are for people.

#include <string>
#include <string_view>
#include <vector>

#include "cairn/fold.h"
#include "cairn/language_model.h"

namespace cairn::judge {

struct Preset {
  enum class Form { tags, turns, question, outcome };
  std::string name;
  Form form = Form::tags;
  std::string begin, step, between;        // tags
  std::string system, first, next, reply;  // turns
  std::vector<Message> turns;              // question, outcome
  std::vector<std::string> good, bad;      // labels: alternatives
  bool classes = false;                    // labels are classes, not tokens
  Fold aggregate = Fold::min;
};

// Errors: Fault::input with what is missing, unknown or of the wrong type.
Preset parse_preset(std::string_view where, std::string_view json);

// A preset of the program's by name, or a file that ends in .json.
// Errors: Fault::input with the nearest name, or when the file cannot be read.
Preset find_preset(const std::string& name);
std::vector<std::string> preset_names();

}  // namespace cairn::judge
