#include "executor/launch/rank_environment.h"

#include <map>

#include "executor/launch/exit_code.h"
#include "test/catch.h"

namespace galvatron {
namespace {

Environment environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

TEST_CASE("a program started by hand has no launcher") {
  CHECK(!read_rank_environment(environment({})));
}

TEST_CASE("each launcher's variables are understood") {
  CHECK(read_rank_environment(
            environment({{"OMPI_COMM_WORLD_RANK", "3"}, {"OMPI_COMM_WORLD_SIZE", "8"}})) ==
        RankEnvironment{"Open MPI", 3, 8});
  CHECK(read_rank_environment(environment({{"RANK", "0"}, {"WORLD_SIZE", "2"}})) ==
        RankEnvironment{"torchrun", 0, 2});
  CHECK(read_rank_environment(environment({{"PMI_RANK", "1"}, {"PMI_SIZE", "4"}})) ==
        RankEnvironment{"PMI", 1, 4});
  CHECK(read_rank_environment(environment({{"SLURM_PROCID", "5"}, {"SLURM_NTASKS", "6"}})) ==
        RankEnvironment{"Slurm", 5, 6});
}

TEST_CASE("mpirun inside a Slurm allocation is Open MPI's") {
  const auto both = environment({{"OMPI_COMM_WORLD_RANK", "3"},
                                 {"OMPI_COMM_WORLD_SIZE", "8"},
                                 {"SLURM_PROCID", "0"},
                                 {"SLURM_NTASKS", "2"}});
  CHECK(read_rank_environment(both) == RankEnvironment{"Open MPI", 3, 8});
}

TEST_CASE("launchers that contradict each other are refused") {
  const auto both = environment({{"OMPI_COMM_WORLD_RANK", "1"},
                                 {"OMPI_COMM_WORLD_SIZE", "2"},
                                 {"RANK", "0"},
                                 {"WORLD_SIZE", "2"}});
  CHECK_THROWS_WITH(read_rank_environment(both),
                    "launchers contradict each other: Open MPI says rank 1 of 2, torchrun says "
                    "rank 0 of 2; unset the variables of one of them");
}

TEST_CASE("a variable that is no number is refused by name") {
  CHECK_THROWS_WITH(read_rank_environment(environment({{"RANK", "x"}, {"WORLD_SIZE", "2"}})),
                    "environment variable RANK must be a number, got \"x\"");
}

TEST_CASE("ranks that MPI cannot connect are refused") {
  const RankEnvironment stated{"torchrun", 1, 4};
  CHECK_NOTHROW(check_rank_environment(stated, 1, 4));
  CHECK_NOTHROW(check_rank_environment(std::nullopt, 0, 1));
  CHECK_THROWS_AS(check_rank_environment(stated, 0, 1), ExecutorError);
}

TEST_CASE("the rank on its node is read where the launcher says it") {
  CHECK(read_rank_environment(
            environment({{"RANK", "5"}, {"WORLD_SIZE", "8"}, {"LOCAL_RANK", "1"}})) ==
        RankEnvironment{"torchrun", 5, 8, 1});
  CHECK(read_rank_environment(
            environment({{"SLURM_PROCID", "5"}, {"SLURM_NTASKS", "8"}, {"SLURM_LOCALID", "1"}})) ==
        RankEnvironment{"Slurm", 5, 8, 1});
  CHECK(read_rank_environment(environment({{"OMPI_COMM_WORLD_RANK", "5"},
                                           {"OMPI_COMM_WORLD_SIZE", "8"},
                                           {"OMPI_COMM_WORLD_LOCAL_RANK", "1"}})) ==
        RankEnvironment{"Open MPI", 5, 8, 1});
}

TEST_CASE("a rank that is not below the number of ranks is refused") {
  CHECK_THROWS_WITH(read_rank_environment(environment({{"RANK", "2"}, {"WORLD_SIZE", "2"}})),
                    "environment variable RANK must be below WORLD_SIZE (2), got 2");
}

TEST_CASE("a rank does not start ranks, a Slurm script may") {
  check_no_rank(environment({}));
  check_no_rank(environment({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}}));
  CHECK_THROWS_WITH(check_no_rank(environment({{"PMI_RANK", "1"}, {"PMI_SIZE", "4"}})),
                    "--local starts the ranks itself, and PMI has started this process as rank 1 "
                    "of 4: leave --local out, or unset PMI's variables");
}

TEST_CASE("torchrun's processes are refused before MPI is asked, but for a single one") {
  check_launcher_of_mpi(std::nullopt);
  check_launcher_of_mpi(RankEnvironment{"torchrun", 0, 1});
  check_launcher_of_mpi(RankEnvironment{"Slurm", 0, 2});
  CHECK_THROWS_WITH(check_launcher_of_mpi(RankEnvironment{"torchrun", 0, 2}),
                    Catch::Matchers::Contains("--local, mpirun -n 2 or srun --mpi=pmix"));
}

}  // namespace
}  // namespace galvatron
