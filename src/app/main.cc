#include "app/cli.h"

int main(int argc, char** argv) {
  return cairn::app::run_cli(argc, argv);
}
