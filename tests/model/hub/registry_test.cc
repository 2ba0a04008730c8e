#include "model/hub/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cairn/error.h"

namespace cairn::hub {
namespace {

using testing::HasSubstr;

TEST(Registry, HoldsTheDefaultModelFirst) {
  ASSERT_FALSE(registry().empty());
  const RegistryEntry& entry = find_entry(registry(), kDefaultModel);
  EXPECT_EQ(&entry, &registry().front());
  EXPECT_EQ(entry.bytes, 491400064);
  EXPECT_EQ(entry.sha256, "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32");
  EXPECT_EQ(entry.licence, "Apache-2.0");
  ASSERT_EQ(entry.sources.size(), 2u);
  EXPECT_EQ(std::get<HubFile>(entry.sources[0]).repo, "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF");
  EXPECT_EQ(std::get<Wheels>(entry.sources[1]).size(), 6u);
}

TEST(Registry, HoldsTheTestModels) {
  EXPECT_EQ(find_entry(registry(), "smollm2-135m-instruct").bytes, 98362432);
  EXPECT_EQ(find_entry(registry(), "gemma-3-270m").licence, "Gemma terms");
}

TEST(Registry, AnUnknownNameIsRefusedWithTheNearest) {
  try {
    find_entry(registry(), "smolm2-135m-instruct");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    EXPECT_THAT(error.what(), HasSubstr("\"smolm2-135m-instruct\""));
    EXPECT_THAT(error.what(), HasSubstr("The nearest is \"smollm2-135m-instruct\""));
  }
}

std::string entry(const std::string& replace, const std::string& with) {
  std::string text = R"([{"name": "a", "description": "d", "licence": "l", "file": "a.gguf",
    "bytes": 30, "sha256": "SHA", "sources": [{"hf": "u/r", "file": "a.gguf"},
    {"wheels": [{"package": "p", "version": "1", "member": "m", "bytes": 10},
                {"package": "q", "version": "1", "member": "m", "bytes": 20}]}]}])";
  text.replace(text.find("SHA"), 3, std::string(64, '0'));
  if (!replace.empty()) text.replace(text.find(replace), replace.size(), with);
  return text;
}

std::string error_of(const std::string& json) {
  try {
    parse_registry(json);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    return error.what();
  }
  return "";
}

TEST(ParseRegistry, ReadsBothKindsOfSources) {
  const std::vector<RegistryEntry> entries = parse_registry(entry("", ""));
  ASSERT_EQ(entries.size(), 1u);
  ASSERT_EQ(entries[0].sources.size(), 2u);
  EXPECT_EQ(std::get<Wheels>(entries[0].sources[1])[1].package, "q");
}

TEST(ParseRegistry, NamesWhatIsWrong) {
  EXPECT_THAT(error_of("{}"), HasSubstr("not a JSON array"));
  EXPECT_THAT(error_of("[3]"), HasSubstr("not an object"));
  EXPECT_THAT(error_of(entry("\"a\"", "\"\"")), HasSubstr("\"name\""));
  EXPECT_THAT(error_of(entry("30", "-30")), HasSubstr("\"bytes\""));
  EXPECT_THAT(error_of(entry("30", "31")), HasSubstr("hold 30 bytes together but the file has 31"));
  EXPECT_THAT(error_of(entry("0000", "000g")), HasSubstr("64 hexadecimal digits"));
  EXPECT_THAT(error_of(entry("\"a.gguf\"", "\"../a.gguf\"")), HasSubstr("plain file name"));
  EXPECT_THAT(error_of(entry("\"hf\"", "\"ftp\"")), HasSubstr("neither"));
  EXPECT_THAT(error_of(entry("\"wheels\": [", "\"wheels\": [],\"x\": [")),
              HasSubstr("hold 0 bytes"));
  const std::string one = entry("", "");
  EXPECT_THAT(error_of(one.substr(0, one.size() - 1) + "," + one.substr(1)),
              HasSubstr("two entries are named a"));
}

}  // namespace
}  // namespace cairn::hub
