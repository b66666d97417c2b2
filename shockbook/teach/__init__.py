"""What a teacher makes from the book: a student edition with an autograder, slides, objectives."""
