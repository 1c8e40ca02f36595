#include "executor/launch/local_launch.h"

#include <algorithm>

#include "test/catch.h"

namespace galvatron {
namespace {

Environment with_path(const std::string& path) {
  return [path](const std::string& name) {
    return name == "PATH" ? std::optional<std::string>(path) : std::nullopt;
  };
}

TEST_CASE("mpirun gets the ranks, then the command") {
  const MpirunCall call = mpirun_call({.ranks = 4, .command = {"/bin/x", "train"}}, with_path(""));
  CHECK(call.arguments == std::vector<std::string>{"mpirun", "--quiet", "-n", "4",
                                                   "--oversubscribe", "--bind-to", "none", "/bin/x",
                                                   "train"});
}

TEST_CASE("without ssh mpirun is told not to look for it") {
  const auto isolated = [](const Environment& environment) {
    const std::vector<std::string> variables = mpirun_call({}, environment).variables;
    return std::count(variables.begin(), variables.end(), "OMPI_MCA_plm=isolated") == 1;
  };
  CHECK(isolated(with_path("/nonexistent")));
  CHECK(isolated([](const std::string&) { return std::nullopt; }));
}

TEST_CASE("a rank ended by a signal has died, another keeps its code") {
  CHECK(first_culprit(0) == 0);
  CHECK(first_culprit(23) == 23);
  CHECK(first_culprit(137) == 21);
  CHECK(first_culprit(139) == 21);
}

}  // namespace
}  // namespace galvatron
