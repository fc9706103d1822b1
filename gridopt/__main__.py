"""How ``python -m gridopt`` starts: the command line, nothing else."""

from gridopt.cli import main

if __name__ == "__main__":
    main()
