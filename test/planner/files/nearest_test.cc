#include "planner/files/nearest.h"

#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("the distance counts insertions, deletions, substitutions and swaps of neighbours") {
  CHECK(edit_distance("plan", "plan") == 0);
  CHECK(edit_distance("", "plan") == 4);
  CHECK(edit_distance("plan", "") == 4);
  CHECK(edit_distance("plan", "plane") == 1);
  CHECK(edit_distance("plan", "pan") == 1);
  CHECK(edit_distance("plan", "plon") == 1);
  CHECK(edit_distance("plan", "paln") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("the distance is symmetric") {
  CHECK(edit_distance("estimate", "esitmaet") == edit_distance("esitmaet", "estimate"));
}

TEST_CASE("the nearest word within a third of the length is suggested") {
  const std::vector<std::string> commands{"plan", "estimate", "show", "diff", "check"};
  CHECK(nearest("pln", commands) == "plan");
  CHECK(nearest("estimat", commands) == "estimate");
  CHECK(nearest("hsow", commands) == "show");
  CHECK(nearest("train", commands).empty());
  CHECK(nearest(std::string(100, 'x'), commands).empty());
  CHECK(nearest("x", {}).empty());
}

TEST_CASE("of equally near words the first is suggested") {
  CHECK(nearest("bat", {"cat", "rat"}) == "cat");
}

TEST_CASE("a suggestion is a question, or nothing") {
  CHECK(suggestion("global_bacth", {"global_batch"}) == "did you mean `global_batch`?");
  CHECK(suggestion("unrelated", {"global_batch"}).empty());
}

}  // namespace
}  // namespace galvatron
