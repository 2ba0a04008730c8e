#include "cairn/written.h"

#include <gtest/gtest.h>

#include "cairn/error.h"

namespace cairn {
namespace {

TEST(WrittenTest, ANameAndItsOptions) {
  EXPECT_EQ(read_written("judge", "none").name, "none");
  const Written written = read_written("judge", "veto:judges=a+b(x=1,y=2),below=0.5");
  EXPECT_EQ(written.name, "veto");
  EXPECT_EQ(written.settings, (Settings{{"judges", "a+b(x=1,y=2)"}, {"below", "0.5"}}));
}

TEST(WrittenTest, AListBreaksBeforeANameNotBeforeAnOption) {
  EXPECT_EQ(split_written("--judge", "a:x=1,y=2,b,c:judges=d(e=f,g=h)+i,j=k"),
            (std::vector<std::string>{"a:x=1,y=2", "b", "c:judges=d(e=f,g=h)+i,j=k"}));
}

TEST(WrittenTest, ASumNamesItsParts) {
  EXPECT_EQ(read_sum("veto", "a+b(of=step,x=1)+c"),
            (std::vector<std::string>{"a", "b:of=step,x=1", "c"}));
}

TEST(WrittenTest, WhatDoesNotReadIsRefused) {
  for (const char* text : {"a:", "a:x", "a:=1", "a:x=(1", "a:x=1)"})
    EXPECT_THROW(read_written("judge", text), Error) << text;
  for (const char* text : {"", "a+", "(x=1)", "a(x=1)b", "a(x=1"})
    EXPECT_THROW(read_sum("veto", text), Error) << text;
}

}  // namespace
}  // namespace cairn
