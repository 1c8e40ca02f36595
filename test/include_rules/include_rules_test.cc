#include "test/include_rules/include_rules.h"

#include <unistd.h>

#include <fstream>

#include "test/catch.h"

namespace galvatron {
namespace {

namespace fs = std::filesystem;

// A source tree of one file, removed at the end.
class PlantedTree {
 public:
  PlantedTree(const fs::path& file, const std::string& text)
      : root_(fs::temp_directory_path() / ("include_rules_" + std::to_string(getpid()))) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  PlantedTree(const PlantedTree&) = delete;
  PlantedTree& operator=(const PlantedTree&) = delete;
  ~PlantedTree() { fs::remove_all(root_); }

  std::vector<std::string> violations() const { return include_violations(root_); }

 private:
  fs::path root_;
};

using Messages = std::vector<std::string>;

TEST_CASE("no include of this repository points against the arrows") {
  REQUIRE(fs::exists(fs::path(GALVATRON_SOURCE_TREE) / "cost_models"));
  CHECK(include_violations(GALVATRON_SOURCE_TREE) == Messages{});
}

TEST_CASE("an include against the arrows is found with its line") {
  const PlantedTree tree("cost_models/units.cc",
                         "#include \"cost_models/units.h\"\n"
                         "#include \"planner/plan/plan.h\"\n");
  CHECK(tree.violations() ==
        Messages{"cost_models/units.cc:2: cost_models may not include \"planner/plan/plan.h\""});
}

TEST_CASE("the executor may include the schedule but not the search") {
  const PlantedTree tree("executor/train/train.cc",
                         "#include \"planner/schedule/program.h\"\n"
                         "#include \"planner/search/search.h\"\n");
  CHECK(
      tree.violations() ==
      Messages{"executor/train/train.cc:2: executor may not include \"planner/search/search.h\""});
}

TEST_CASE("torch and MPI stay in the executor") {
  SECTION("the executor may") {
    const PlantedTree tree("executor/a.cc", "#include <ATen/core/Tensor.h>\n#include <mpi.h>\n");
    CHECK(tree.violations() == Messages{});
  }
  SECTION("the planner may not, however it is spelled") {
    const PlantedTree tree("planner/plan/plan.h",
                           "#pragma once\n  #  include <ATen/ATen.h>  // x\n");
    CHECK(tree.violations() ==
          Messages{"planner/plan/plan.h:2: only executor/ may include <ATen/ATen.h>"});
  }
}

TEST_CASE("a test obeys the rules of the folder it mirrors") {
  const PlantedTree tree("test/planner/model/graph_test.cc",
                         "#include \"planner/model/graph.h\"\n"
                         "#include \"test/catch.h\"\n"
                         "#include \"planner/search/search.h\"\n");
  CHECK(tree.violations() == Messages{"test/planner/model/graph_test.cc:3: planner/model may not "
                                      "include \"planner/search/search.h\""});
}

TEST_CASE("an include relative to its own folder is refused") {
  const PlantedTree tree("planner/search/search.cc", "#include \"search.h\"\n");
  CHECK(tree.violations() ==
        Messages{"planner/search/search.cc:1: expected a path from the root of "
                 "the repository, got \"search.h\""});
}

}  // namespace
}  // namespace galvatron
