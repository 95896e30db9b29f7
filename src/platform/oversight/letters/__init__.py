"""Letters of the city to one school and the school's answers: two organisations read a letter and no other."""
