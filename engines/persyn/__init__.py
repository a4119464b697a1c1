"""PerSyn: which teacher should write the training example of which prompt, before anybody writes it?"""
