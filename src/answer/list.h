#pragma once
// answer/list.h — lists as programs and people write them.
//
//   ["a", "b"]   ['a', 'b']   (1, 2)   {1, 2}   a, b and c   a; b, c; d   a and b
//
// Semicolons outside brackets and quotes separate; without one commas do, and without brackets the
// last "and" as well. Members may be lists themselves.

#include <string>
#include <string_view>
#include <vector>

namespace cairn::answer {

// The members, without the quotes around them; a text that is no list is its own only member.
// Time linear in the length.
std::vector<std::string> members_of(std::string_view text);

// The text up to the bracket that closes the one it begins with; empty where that is not closed, or
// where it begins with none.
std::string_view bracketed(std::string_view text);

// The last [...] of a text; empty where there is none.
std::string_view last_bracketed(std::string_view text);

// Do two lists have the same members, by compare_answers and kind auto? In order, or as sets, where
// how often a member stands does not count. Members in [] or () are lists in order. Sets of more
// than kMostUnlike members that are not the same text have to be equal as texts.
bool same_lists(std::string_view a, std::string_view b, bool ordered);
inline constexpr std::size_t kMostUnlike = 64;

}  // namespace cairn::answer
